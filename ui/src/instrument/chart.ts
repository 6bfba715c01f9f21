/** Draws a history with Lightweight Charts. Loaded only when a chart is shown. */

import {
  AreaSeries,
  BaselineSeries,
  LineSeries,
  LineStyle,
  createChart,
  type AutoscaleInfo,
  type IChartApi,
  type ISeriesApi,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Bar, History } from "../bindings";
import { date, day, price, time } from "../format";
import { t } from "../i18n.svelte";
import { Ground, type Stretch } from "./ground";

export type ChartPoint = { bar: Bar; x: number };
export type ChartLook = {
  /** Digits of a price on the axis. */
  digits: number | undefined;
  /** Values at which an armed alert stands. */
  alerts: number[];
  /** Without colour: the last known prices. */
  stale: boolean;
  /** Dashed: made up. */
  simulated: boolean;
};
export type ChartView = {
  draw(history: History, look: ChartLook): void;
  /** Takes in what the newest quote says of one bar. */
  live(bar: Bar): void;
  /** Moves the crosshair by a point. */
  step(by: number): void;
  destroy(): void;
};

type Colours = Record<
  "up" | "upT" | "down" | "downT" | "t2" | "t3" | "sunk" | "grid" | "ext" | "vol" | "ctl" | "accent" | "inv" | "onInv",
  string
>;

function colours(node: HTMLElement): Colours {
  const style = getComputedStyle(node);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    up: token("--up"),
    upT: token("--up-t"),
    down: token("--down"),
    downT: token("--down-t"),
    t2: token("--t2"),
    t3: token("--t3"),
    sunk: token("--sunk"),
    grid: token("--grid"),
    ext: token("--ext"),
    vol: token("--vol"),
    ctl: token("--ctl"),
    accent: token("--accent"),
    inv: token("--inv"),
    onInv: token("--on-inv"),
  };
}

/** A day of minutes. */
const REST_MAX = 1440;

/** Labels of the axis closer to a tag than this, in pixels, are left out. */
const TAG_GAP = 14;

const stamp = (at: string) => Math.floor(Date.parse(at) / 1000) as UTCTimestamp;

/** Bars in order, each time once: the library refuses anything else. */
function inOrder(bars: Bar[]): Bar[] {
  const byTime = new Map(bars.map((bar) => [stamp(bar.at), bar]));
  return [...byTime].sort(([a], [b]) => a - b).map(([, bar]) => bar);
}

/** Empty places up to the closing bell, so that the line grows into the day. */
export function restOfDay(bars: Bar[], end: string): { time: UTCTimestamp }[] {
  const [before, last] = bars.slice(-2).map((bar) => stamp(bar.at));
  if (before === undefined || last === undefined) return [];
  const step = last - before;
  const places = Math.min(Math.floor((stamp(end) - last) / step), REST_MAX);
  return Array.from({ length: Math.max(places, 0) }, (_, i) => ({ time: (last + (i + 1) * step) as UTCTimestamp }));
}

/** What a range is compared with: the previous close on the day, the first point otherwise. */
export function reference(history: History): number | undefined {
  return history.range === "1d" ? (history.previous_close ?? undefined) : history.bars[0]?.close;
}

/** What is to be seen, and this price too. */
function withPrice(info: AutoscaleInfo | null, value: number): AutoscaleInfo | null {
  if (!info?.priceRange) return info;
  const { minValue, maxValue } = info.priceRange;
  return { ...info, priceRange: { minValue: Math.min(minValue, value), maxValue: Math.max(maxValue, value) } };
}

/** The stretches before and after the regular session, as far as there are any. */
export function extendedHours(bars: Bar[], hours: { start: string; end: string }): Stretch[] {
  const opens = bars.findIndex((bar) => bar.at >= hours.start);
  const shuts = bars.findIndex((bar) => bar.at >= hours.end);
  const stretch = (name: string, from: Bar | undefined, to: Bar | undefined) =>
    from && to && from !== to ? [{ name, from: stamp(from.at), to: stamp(to.at) }] : [];
  return [
    ...(opens === 0 ? [] : stretch(t("session-pre"), bars[0], bars[opens] ?? bars.at(-1))),
    ...(shuts < 0 ? [] : stretch(t("session-post"), bars[shuts - 1] ?? bars[shuts], bars.at(-1))),
  ];
}

/** Labels of the axis; one that a tag would cover is left out. */
export function axisLabels(prices: number[], label: (price: number) => string, near: (price: number) => boolean) {
  return prices.map((value) => (near(value) ? "" : label(value)));
}

export function openChart(node: HTMLElement, onPoint: (point: ChartPoint | null) => void): ChartView {
  const palette = colours(node);
  let zone: string | undefined;
  let intraday = true;
  let oneDay = true;
  let bars: Bar[] = [];
  let at = -1;
  let rising = true;
  /** Bars before and after the regular session. */
  let outside = new Set<Bar>();
  let shown: { history: History; look: ChartLook } | undefined;
  let main: ISeriesApi<"Area" | "Baseline"> | undefined;
  const label = (seconds: number) => {
    const date = new Date(seconds * 1000);
    return intraday ? time(date, zone) : day(date, zone, new Date());
  };
  const chart: IChartApi = createChart(node, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: palette.t3,
      fontSize: 11,
      fontFamily: getComputedStyle(document.body).fontFamily,
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: palette.grid } },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.06, bottom: 0.2 }, entireTextOnly: true },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      lockVisibleTimeRangeOnResize: true,
      allowBoldLabels: false,
      tickMarkFormatter: (seconds: UTCTimestamp, kind: number) =>
        // A day that goes over midnight is still one day.
        kind >= 3 || oneDay ? time(new Date(seconds * 1000), zone) : date(new Date(seconds * 1000), zone, new Date()),
    },
    crosshair: {
      vertLine: { color: palette.ctl, style: LineStyle.Dashed, labelBackgroundColor: palette.inv },
      horzLine: { visible: false, labelVisible: false },
    },
    localization: { timeFormatter: (seconds: UTCTimestamp) => label(seconds) },
    handleScale: false,
    handleScroll: false,
  });
  const drawn: ISeriesApi<"Area" | "Baseline" | "Line">[] = [];

  chart.subscribeCrosshairMove((move: MouseEventParams) => {
    const found = move.time === undefined ? -1 : bars.findIndex((bar) => stamp(bar.at) === move.time);
    at = found;
    const bar = bars[found];
    onPoint(bar ? { bar, x: move.point?.x ?? chart.timeScale().timeToCoordinate(stamp(bar.at)) ?? 0 } : null);
  });

  function clear() {
    for (const series of drawn.splice(0)) chart.removeSeries(series);
    main = undefined;
  }

  /** Whether the tag of the last price or of the previous close stands on this height. */
  function isTagged(value: number): boolean {
    const height = main?.priceToCoordinate(value) ?? null;
    const last = bars.findLast((bar) => !outside.has(bar))?.close;
    const tags = [last, dayBase()].map((tag) => (tag === undefined ? null : (main?.priceToCoordinate(tag) ?? null)));
    return height !== null && tags.some((tag) => tag !== null && Math.abs(tag - height) < TAG_GAP);
  }

  /** The previous close, where it is what the line is drawn against. */
  const dayBase = () => (shown?.history.range === "1d" ? (shown.history.previous_close ?? undefined) : undefined);

  function common({ digits, simulated }: ChartLook) {
    const label = (value: number) => price(value, digits);
    return {
      lineWidth: 2 as const,
      lineStyle: simulated ? LineStyle.Dashed : LineStyle.Solid,
      priceFormat: {
        type: "custom" as const,
        minMove: 1e-8,
        formatter: label,
        tickmarksFormatter: (prices: number[]) => axisLabels(prices, label, isTagged),
      },
      priceLineVisible: false,
      crosshairMarkerRadius: 4,
    };
  }

  /** The regular session's line, with its ground down to what it is compared with. */
  function addLine(look: ChartLook): ISeriesApi<"Area" | "Baseline"> {
    const base = dayBase();
    const [line, tint] = look.stale
      ? [palette.t3, palette.sunk]
      : rising
        ? [palette.up, palette.upT]
        : [palette.down, palette.downT];
    if (base === undefined) {
      return chart.addSeries(AreaSeries, { ...common(look), lineColor: line, topColor: tint, bottomColor: tint });
    }
    return chart.addSeries(BaselineSeries, {
      ...common(look),
      baseValue: { type: "price", price: base },
      topLineColor: line,
      bottomLineColor: line,
      topFillColor1: tint,
      topFillColor2: tint,
      bottomFillColor1: tint,
      bottomFillColor2: tint,
      // The line is read against the previous close, so that is always in the picture.
      autoscaleInfoProvider: (own: () => AutoscaleInfo | null) => withPrice(own(), base),
    });
  }

  /** A line of its own for each stretch: one line would go on straight through the regular session. */
  function addExtended(look: ChartLook, { from, to }: Stretch): void {
    const own = { color: palette.t3, lineWidth: 1 as const, lastValueVisible: false };
    const series = chart.addSeries(LineSeries, { ...common(look), ...own });
    const part = bars.filter((bar) => stamp(bar.at) >= from && stamp(bar.at) <= to);
    series.setData(part.map((bar) => ({ time: stamp(bar.at), value: bar.close })));
    drawn.push(series);
  }

  function addGround(series: ISeriesApi<"Area" | "Baseline">, stretches: Stretch[]): void {
    const { fontSize, fontFamily } = chart.options().layout;
    const volumes = bars.flatMap(({ at: time, volume }) => (volume ? [{ time: stamp(time), value: volume }] : []));
    const ink = {
      font: `${fontSize}px ${fontFamily}`,
      name: palette.t3,
      ground: palette.ext,
      volume: palette.vol,
    };
    series.attachPrimitive(new Ground(chart, stretches, volumes, ink));
  }

  function addMarks(series: ISeriesApi<"Area" | "Baseline">, alerts: number[]): void {
    const base = dayBase();
    const mark = { lineWidth: 1 as const, title: "" };
    if (base !== undefined) {
      series.createPriceLine({
        ...mark,
        price: base,
        color: palette.ctl,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: true,
        axisLabelColor: palette.grid,
        axisLabelTextColor: palette.t2,
      });
    }
    const closes = bars.map((bar) => bar.close);
    const [low, high] = [Math.min(...closes), Math.max(...closes)];
    for (const value of alerts.filter((v) => v >= low && v <= high)) {
      const look = { color: palette.accent, lineStyle: LineStyle.Dotted, axisLabelVisible: false };
      series.createPriceLine({ ...mark, ...look, price: value });
    }
  }

  return {
    draw(history, look) {
      shown = { history, look };
      clear();
      zone = history.time_zone ?? undefined;
      intraday = ["1d", "5d"].includes(history.range);
      oneDay = history.range === "1d";
      bars = inOrder(history.bars);
      const base = reference(history);
      const last = bars.at(-1)?.close;
      if (last === undefined) return;
      rising = base === undefined || last >= base;
      const hours = oneDay ? history.regular_hours : undefined;
      outside = new Set(hours ? bars.filter((bar) => bar.at < hours.start || bar.at >= hours.end) : []);
      const rest = hours ? restOfDay(bars, hours.end) : [];
      main = addLine(look);
      main.setData([
        ...bars.map((bar) => ({ time: stamp(bar.at), ...(!outside.has(bar) && { value: bar.close }) })),
        ...rest,
      ]);
      drawn.push(main);
      const stretches = hours ? extendedHours(bars, hours) : [];
      for (const stretch of stretches) addExtended(look, stretch);
      addGround(main, stretches);
      addMarks(main, look.alerts);
      chart.timeScale().applyOptions({ timeVisible: intraday });
      // Not fitContent: that ends at the last price and leaves the rest of the day out.
      chart.timeScale().setVisibleLogicalRange({ from: -0.5, to: bars.length + rest.length - 0.5 });
    },
    live(bar) {
      if (!shown || !main) return;
      const { history, look } = shown;
      const before = history.bars.findIndex((one) => one.at === bar.at);
      const all = before < 0 ? [...history.bars, bar] : history.bars.with(before, bar);
      if (history.bars[before]?.close === bar.close) return;
      const base = reference(history);
      const sameSide = base === undefined || bar.close >= base === rising;
      // Only the very last point can move by itself; anything else is drawn anew, which is seldom.
      if (before < 0 || before < all.length - 1 || !sameSide) return this.draw({ ...history, bars: all }, look);
      shown = { history: { ...history, bars: all }, look };
      bars = bars.with(-1, bar);
      main.update({ time: stamp(bar.at), value: bar.close }, true);
      // The tag has moved: which labels of the axis it covers is to be asked again.
      main.priceScale().applyOptions({});
    },
    step(by) {
      if (!main || bars.length === 0) return;
      at = Math.min(Math.max(at < 0 ? bars.length - 1 : at + by, 0), bars.length - 1);
      const bar = bars[at];
      if (bar) chart.setCrosshairPosition(bar.close, stamp(bar.at), main);
    },
    destroy() {
      chart.remove();
    },
  };
}
