/** What a list needs only where somebody has chosen more columns. */

export { default as Cell } from "./Cell.svelte";
export { default as ColumnHeads } from "./ColumnHeads.svelte";
