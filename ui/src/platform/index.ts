import type { Platform } from "./platform";

/** The platform this page runs on. */
export async function choosePlatform(): Promise<Platform> {
  if ("__TAURI_INTERNALS__" in window) return new (await import("./tauri")).TauriPlatform();
  const wanted = new URLSearchParams(location.search);
  if (import.meta.env.DEV && wanted.get("platform") === "fake") {
    return new (await import("./fake")).FakePlatform(wanted.get("scenario") ?? "live");
  }
  return new (await import("./web")).WebPlatform();
}
