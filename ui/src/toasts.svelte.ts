/** Short messages at the lower right: what was done, with a way back. Never for prices. */

const SHOWN_MS = 6000;

export type Toast = {
  id: number;
  text: string;
  action?: { label: string; run: () => void } | undefined;
  /** Read out at once. */
  urgent: boolean;
};

export class Toasts {
  list: Toast[] = $state([]);
  private last = 0;

  /** Gives back what to dismiss it by. */
  show(text: string, action?: Toast["action"], urgent = false): number {
    const toast: Toast = { id: ++this.last, text, action, urgent };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
    return toast.id;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
