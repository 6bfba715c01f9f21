/** How much of a list is in view, wherever the box is that scrolls it. */

/** A window that has no size yet, as in tests. */
const HEIGHT_UNKNOWN = 1200;

export class Scroller {
  top = $state(0);
  bottom = $state(HEIGHT_UNKNOWN);
  private box: HTMLElement | undefined;
  private list: HTMLElement | undefined;

  /** Watches a list and the box around it; gives back how to stop. */
  watch(list: HTMLElement): () => void {
    const box = list.closest<HTMLElement>("[data-scroll]") ?? list;
    [this.list, this.box] = [list, box];
    const measure = () => this.measure();
    const resized = new ResizeObserver(measure);
    for (const node of new Set([box, list])) resized.observe(node);
    box.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      resized.disconnect();
      box.removeEventListener("scroll", measure);
    };
  }

  /** Scrolls as little as brings this part of the list into view. */
  reveal(top: number, height: number): void {
    const { box } = this;
    if (!box) return;
    this.measure();
    if (top < this.top) box.scrollTop -= this.top - top;
    else if (top + height > this.bottom) box.scrollTop += top + height - this.bottom;
    this.measure();
  }

  /** Another list begins at its beginning; below a banner it stays where it is. */
  begin(): void {
    if (this.box && this.box === this.list) this.box.scrollTop = 0;
    this.measure();
  }

  private measure(): void {
    const { box, list } = this;
    if (!box || !list) return;
    const above = box === list ? box.scrollTop : box.getBoundingClientRect().top - list.getBoundingClientRect().top;
    this.top = above;
    this.bottom = above + (box.clientHeight || HEIGHT_UNKNOWN);
  }
}
