/** What opens over everything else, and where the keyboard is afterwards. */

/** Opens a dialog, which makes the rest inert; when it is gone the focus is back where it was. */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  dialog.showModal();
  return () => {
    // The platform gives the focus back only where the dialog is closed while it is still on the page.
    dialog.close();
    if (document.activeElement && document.activeElement !== document.body) return;
    const there = before?.isConnected ? before : before?.id ? document.getElementById(before.id) : null;
    if (there instanceof HTMLElement) there.focus();
  };
}
