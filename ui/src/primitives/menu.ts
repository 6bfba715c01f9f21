/** What stands in a menu. The menu itself is fetched when one is opened. */

export type MenuItem =
  | { label: string; run: () => void; key?: string; danger?: boolean; disabled?: boolean }
  | { label: string; checked: boolean; toggle: () => void }
  | { label: string; chosen: string; options: { id: string; label: string }[]; choose: (id: string) => void }
  | { label: string; items: MenuItem[] }
  | "line";

/** Where a menu opens: under an element, or at a point. */
export type MenuPlace = HTMLElement | { x: number; y: number };

export type OpenMenu = { label: string; place: MenuPlace; items: () => MenuItem[] };
