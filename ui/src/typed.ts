/** Numbers as people type them, and as fields hold them. Pure. */

import { plainNumber, signs } from "./format";
import { t } from "./i18n.svelte";

/**
 * A number as it is typed, 0 or more: with the signs of the language, thousands grouped or not, a unit around it. A lone
 * sign that could be either groups where the language groups with it. `null` where it is none.
 */
export function typed(text: string): number | null {
  const bare = bareNumber(text);
  if (!/^[\d.,]*\d[\d.,]*$/.test(bare)) return null;
  const decimal = decimalOf(bare);
  const at = decimal ? bare.lastIndexOf(decimal) : bare.length;
  const whole = bare.slice(0, at);
  if (/[.,]/.test(whole) && !/^\d{1,3}([.,])\d{3}(\1\d{3})*$/.test(whole)) return null;
  return Number(`${whole.replace(/[.,]/g, "")}.${bare.slice(at + 1)}`);
}

/** The same above 0. */
export function positive(text: string): number | null {
  return typed(text) || null;
}

/** Without spaces, which group in many languages, and what stands around it. */
function bareNumber(text: string): string {
  return text.replace(/[\s'’]/g, "").replace(/^[^\d.,-]+|[^\d.,]+$/g, "");
}

/** The sign before the digits after it, if there is one. */
function decimalOf(bare: string): string | undefined {
  const found = bare.replace(/\d/g, "");
  const last = found.at(-1);
  if (last === undefined || new Set(found).size === 2) return last;
  if (found.length > 1) return undefined;
  const groups = last === signs().group && /^[1-9]\d{0,2}[.,]\d{3}$/.test(bare);
  return groups ? undefined : last;
}

/** Says how a number was read, where another reader could read it otherwise. */
export function readAs(text: string, said: (value: number) => string): string | undefined {
  const value = typed(text);
  const others = bareNumber(text).replaceAll(signs().decimal, "");
  return value !== null && /[.,]/.test(others) ? t("read-as", { value: said(value) }) : undefined;
}

/** A number as a field begins with it: every digit it has, and as many as these at least. */
export function fieldText(value: number, digits = 0): string {
  return plainNumber(value, Math.max(digits, digitsOf(value)));
}

/** After the decimal sign; JavaScript writes small numbers as `1.5e-7`. */
function digitsOf(value: number): number {
  const [size = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (size.split(".")[1]?.length ?? 0) - Number(exponent));
}
