/** Waiting for a condition, with a deadline and a reason: the only way these tests wait. */
import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks until the answer is truthy and gives it back; a thrown error counts as “not yet”.
 * @template T
 * @param {string} what what is awaited, for the failure's message
 * @param {() => T | Promise<T>} probe
 * @param {{within?: number, every?: number, also?: () => string}} [limits] milliseconds; `also` adds what was seen to the message
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, probe, { within = 15_000, every = 50, also } = {}) {
  const deadline = performance.now() + within;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) break;
    await pause(every);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`not within ${within / 1000} s: ${what} (last: ${seen})${also ? `\n${also()}` : ""}`);
}

/**
 * Watches that something stays true for a while; fails at the first moment it does not.
 * @param {string} what
 * @param {() => boolean | Promise<boolean>} probe
 * @param {number} lasting milliseconds
 */
export async function stays(what, probe, lasting) {
  const end = performance.now() + lasting;
  while (performance.now() < end) {
    if (!(await probe())) throw new Error(`did not stay: ${what}`);
    await pause(50);
  }
}
