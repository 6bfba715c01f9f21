/** Items that wrap into lines of which one is shown: which stand on it. Pure. */

/** The first and the last item of each line, from where the browser has put them. */
export function lines(tops: number[]): [first: number, last: number][] {
  const found: [number, number][] = [];
  tops.forEach((top, at) => {
    const line = found.at(-1);
    if (line && tops[line[0]] === top) line[1] = at;
    else found.push([at, at]);
  });
  return found;
}
