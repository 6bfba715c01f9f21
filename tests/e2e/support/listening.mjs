/** Where a program listens, read from what it prints: `listening service=mqtt addr=127.0.0.1:41234`. */

/**
 * The address of one service, once the program has said it.
 * @param {import("./process.mjs").Process} program
 * @param {"mqtt" | "api"} service
 */
export async function listening(program, service, within = 60_000) {
  const [, host, port] = await program.line(new RegExp(`listening .*service="?${service}"?.*addr="?([0-9.]+):(\\d+)`), within);
  return { host, port: Number(port) };
}
