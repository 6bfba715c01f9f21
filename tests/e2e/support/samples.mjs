/** Times that were taken, and what they say together. */

/** The value below which a part of the samples lies. */
export function quantile(samples, part) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

/**
 * One row of a result table: what, median, 95th percentile, goal, verdict, number of samples.
 * @param {string} what
 * @param {number[]} samples milliseconds
 * @param {{p95?: number, median?: number}} goal
 */
export function summary(what, samples, goal) {
  const wanted = goal.p95 ? `p95 ≤ ${goal.p95} ms` : `median ≤ ${goal.median} ms`;
  if (samples.length === 0) return [what, "never seen", "–", wanted, "no", "0"];
  const [median, p95] = [quantile(samples, 0.5), quantile(samples, 0.95)];
  const met = goal.p95 ? p95 <= goal.p95 : median <= goal.median;
  return [what, `${median.toFixed(1)} ms`, `${p95.toFixed(1)} ms`, wanted, met ? "yes" : "no", String(samples.length)];
}

/** The heads of those rows. */
export const HEAD = ["what", "median", "p95", "goal", "met", "samples"];
