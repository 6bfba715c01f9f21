/** What a person reads while the scripts work: numbered steps with their times, and a table at the end. */

/** A failure that is already explained: its message is all that is printed. */
export class Stop extends Error {}

/** Numbered steps: `[1/4] System packages … ok (0.1 s)`. */
export class Steps {
  /** @param {number} total */
  constructor(total) {
    this.total = total;
    this.current = 0;
  }

  /**
   * Does one step. `work` may call `speak()` before it prints, and returns a word or two on what came of it.
   * @param {string} title
   * @param {(speak: (why?: string) => void) => Promise<string | void> | string | void} work
   */
  async step(title, work) {
    this.current += 1;
    const head = `[${this.current}/${this.total}] ${title}`;
    const started = Date.now();
    let spoke = false;
    process.stdout.write(`${head} …`);
    const speak = (why = "") => {
      process.stdout.write(`${spoke ? "" : "\n"}${why ? `      ${why}\n` : ""}`);
      spoke = true;
    };
    try {
      const note = (await work(speak)) || "ok";
      process.stdout.write(`${spoke ? head + ":" : ""} ${note} (${seconds(Date.now() - started)})\n`);
    } catch (error) {
      if (!spoke) process.stdout.write("\n");
      throw error;
    }
  }
}

/** Milliseconds as seconds a person reads: `0.4 s`, `12 s`, `3 min 5 s`. */
export function seconds(ms) {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * Rows as an aligned table; columns of numbers stand to the right.
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const width = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const right = head.map((_, i) => rows.length > 0 && rows.every((row) => /^[\d.–-]/.test(String(row[i]))));
  const line = (row) => row.map((cell, i) => (right[i] ? cell.padStart(width[i]) : cell.padEnd(width[i]))).join("  ").trimEnd();
  return [line(all[0]), width.map((n) => "─".repeat(n)).join("  "), ...all.slice(1).map(line)].join("\n");
}

/**
 * The same as Markdown, for documents.
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function markdown(head, rows) {
  const line = (row) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Runs a script's `main`: explained failures are one line, everything else keeps its stack. */
export async function script(main) {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    process.stderr.write(error instanceof Stop ? `\n${error.message}\n` : `\n${error.stack}\n`);
    process.exitCode = 1;
  }
}
