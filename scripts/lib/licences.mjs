/** What the Rust dependency tree may hold: licences we can ship under, one TLS library, no OpenSSL. */
import { capture } from "./shell.mjs";

/** Licences whose terms let anybody ship the result; the same list stands in deny.toml. */
const ALLOWED = new Set([
  "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
  "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "OpenSSL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib", "bzip2-1.0.6",
]);
const FORBIDDEN_CRATES = ["native-tls", "openssl", "openssl-sys", "tokio-native-tls"];

/** Packages that none of the allowed licences covers, as lines a person reads. */
export function unlicensed() {
  const { packages } = JSON.parse(capture(["cargo", "metadata", "--format-version=1"]).out);
  return packages.filter((each) => !covered(each.license)).map((each) => `${each.name} ${each.version}: ${each.license ?? "no licence named"}`);
}

/** Whether an SPDX expression can be met: every `AND` part by some `OR` alternative that we allow. */
export function covered(expression) {
  if (!expression) return false;
  const tokens = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g);
  let at = 0;
  const any = () => {
    let met = all();
    while (tokens[at] === "OR") { at += 1; met = all() || met; }
    return met;
  };
  const all = () => {
    let met = one();
    while (tokens[at] === "AND") { at += 1; met = one() && met; }
    return met;
  };
  const one = () => {
    if (tokens[at] === "(") {
      at += 1;
      const met = any();
      at += 1;
      return met;
    }
    const name = tokens[at++];
    if (tokens[at] !== "WITH") return ALLOWED.has(name);
    at += 2;
    return ALLOWED.has(name) || ALLOWED.has(`${name} WITH ${tokens[at - 1]}`);
  };
  return any();
}

/** Second TLS stacks in the tree, as lines a person reads. TLS is rustls here, once. */
export function foreignTls() {
  const { code, out, err } = capture(["cargo", "tree", "--workspace", "--edges", "normal,build", "--target", "all", "--prefix", "none", "--format", "{p}"]);
  if (code !== 0) return [err.trim()];
  const crates = new Set(out.split("\n").map((line) => line.trim().split(" ").slice(0, 2).join(" ")));
  return [...crates].filter((crate) => {
    const [name, version = ""] = crate.split(" ");
    return FORBIDDEN_CRATES.includes(name) || (name === "rustls-webpki" && version.startsWith("v0.102."));
  });
}
