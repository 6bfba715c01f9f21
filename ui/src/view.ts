/** What was looked at last: a page that is built again, after a while in the tray or a crash, shows it again. */

const KEY = "view";

export type View = { list: string; symbol: string | null };

export function remember(view: View): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(view));
  } catch {
    // A browser may keep nothing for us: the page then begins anew.
  }
}

export function remembered(): Partial<View> {
  try {
    const { list, symbol } = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
    return { ...(typeof list === "string" && { list }), ...(typeof symbol === "string" && { symbol }) };
  } catch {
    return {};
  }
}
