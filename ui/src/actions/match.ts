/** Finds entries by words, in any order and without accents. Pure. */

/** What is left of a word where its letters only stand in order. */
const LOOSE = 4;
/** Shorter words are not looked for so loosely: they are in everything. */
const LOOSE_LETTERS_MIN = 3;

export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Those in which every word is found, the best first; in their own order where they are as good. */
export function found<Entry>(entries: Entry[], text: (entry: Entry) => string, typed: string, most: number): Entry[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.slice(0, most);
  const scored = entries.flatMap((entry) => {
    const score = scoreOf(plain(text(entry)), words);
    return score === null ? [] : [{ entry, score }];
  });
  return scored
    .sort((one, other) => one.score - other.score)
    .slice(0, most)
    .map(({ entry }) => entry);
}

function scoreOf(text: string, words: string[]): number | null {
  let sum = 0;
  for (const word of words) {
    const score = wordScore(text, word);
    if (score === null) return null;
    sum += score;
  }
  return sum;
}

/** At the start, at a word's start, within, or letter by letter from a word's start on. */
function wordScore(text: string, word: string): number | null {
  const at = text.indexOf(word);
  if (at === 0) return 0;
  if (at > 0) return startsWord(text, word) ? 1 : 2;
  return word.length >= LOOSE_LETTERS_MIN && inOrder(text, word) ? LOOSE : null;
}

function startsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return true;
  }
  return false;
}

function inOrder(text: string, word: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}
