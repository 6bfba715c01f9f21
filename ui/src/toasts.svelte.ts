/** Short messages at the lower right: what was done, with a way back. Never for prices. */

const SHOWN_MS = 6000;

export type Toast = { id: number; text: string; action?: { label: string; run: () => void } | undefined };

export class Toasts {
  list: Toast[] = $state([]);
  private last = 0;

  show(text: string, action?: Toast["action"]): void {
    const toast: Toast = { id: ++this.last, text, action };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
