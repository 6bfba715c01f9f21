/** Draws a history with Lightweight Charts. Loaded only when a chart is shown. */

import {
  AreaSeries,
  BaselineSeries,
  HistogramSeries,
  LineSeries,
  LineStyle,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Bar, History } from "../bindings";
import { day, price, time } from "../format";
import { SessionNames, type Stretch } from "./sessions";

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

/** The bars before and after the regular session, one stretch each, as far as there are any. */
export function extendedHours(bars: Bar[], hours: { start: string; end: string }): Stretch[] {
  const stretch = (name: string, part: Bar[]) => {
    const [first, last] = [part[0], part.at(-1)];
    return first && last ? [{ name, from: stamp(first.at), to: stamp(last.at) }] : [];
  };
  return [
    ...stretch(
      "Pre-market",
      bars.filter((bar) => bar.at < hours.start),
    ),
    ...stretch(
      "After hours",
      bars.filter((bar) => bar.at >= hours.end),
    ),
  ];
}

export function openChart(node: HTMLElement, onPoint: (point: ChartPoint | null) => void): ChartView {
  const palette = colours(node);
  let zone: string | undefined;
  let intraday = true;
  let bars: Bar[] = [];
  let at = -1;
  let rising = true;
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
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.06, bottom: 0.2 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      lockVisibleTimeRangeOnResize: true,
      allowBoldLabels: false,
      tickMarkFormatter: (seconds: UTCTimestamp, kind: number) =>
        kind >= 3
          ? time(new Date(seconds * 1000), zone)
          : day(new Date(seconds * 1000), zone, new Date()).replace(/^\w+ /, ""),
    },
    crosshair: {
      vertLine: { color: palette.ctl, style: LineStyle.Dashed, labelBackgroundColor: palette.inv },
      horzLine: { visible: false, labelVisible: false },
    },
    localization: { timeFormatter: (seconds: UTCTimestamp) => label(seconds) },
    handleScale: false,
    handleScroll: false,
  });
  const drawn: ISeriesApi<"Area" | "Baseline" | "Line" | "Histogram">[] = [];

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

  /** Whether a bar or one beside it is among these: up to the bell's own price, so that lines and grounds meet. */
  const touches = (some: Set<Bar>, i: number) => bars.slice(Math.max(i - 1, 0), i + 2).some((near) => some.has(near));

  /** A full-height ground behind the line where the session is not the regular one. */
  function shade(outside: Set<Bar>) {
    const series = chart.addSeries(AreaSeries, {
      priceScaleId: "shade",
      topColor: palette.ext,
      bottomColor: palette.ext,
      lineVisible: false,
      autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }),
      crosshairMarkerVisible: false,
      lastValueVisible: false,
      priceLineVisible: false,
    });
    series.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 } });
    series.setData(bars.map((bar, i) => ({ time: stamp(bar.at), ...(touches(outside, i) && { value: 1 }) })));
    drawn.push(series);
  }

  function volume(all: Bar[]) {
    const series = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      color: palette.vol,
      lastValueVisible: false,
      priceLineVisible: false,
    });
    series.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    series.setData(all.map((bar) => ({ time: stamp(bar.at), ...(bar.volume && { value: bar.volume }) })));
    drawn.push(series);
  }

  return {
    draw(history, look) {
      const { digits, alerts, stale, simulated } = look;
      shown = { history, look };
      clear();
      zone = history.time_zone ?? undefined;
      intraday = ["1d", "5d"].includes(history.range);
      bars = inOrder(history.bars);
      const base = reference(history);
      const last = bars.at(-1)?.close;
      if (last === undefined) return;
      rising = base === undefined || last >= base;
      const [line, tint] = stale
        ? [palette.t3, palette.sunk]
        : rising
          ? [palette.up, palette.upT]
          : [palette.down, palette.downT];
      const format = { type: "custom" as const, minMove: 1e-8, formatter: (value: number) => price(value, digits) };
      const hours = history.range === "1d" ? history.regular_hours : undefined;
      const outside = hours ? bars.filter((bar) => bar.at < hours.start || bar.at >= hours.end) : [];
      const gone = new Set(outside);
      if (outside.length) shade(gone);
      if (bars.some((bar) => bar.volume)) volume(bars);
      const common = {
        lineWidth: 2 as const,
        lineStyle: simulated ? LineStyle.Dashed : LineStyle.Solid,
        priceFormat: format,
        priceLineVisible: false,
        crosshairMarkerRadius: 4,
      };
      main =
        history.range === "1d" && base !== undefined
          ? chart.addSeries(BaselineSeries, {
              ...common,
              baseValue: { type: "price", price: base },
              topLineColor: line,
              bottomLineColor: line,
              topFillColor1: tint,
              topFillColor2: tint,
              bottomFillColor1: tint,
              bottomFillColor2: tint,
            })
          : chart.addSeries(AreaSeries, { ...common, lineColor: line, topColor: tint, bottomColor: tint });
      const rest = hours ? restOfDay(bars, hours.end) : [];
      main.setData([
        ...bars.map((bar) => (gone.has(bar) ? { time: stamp(bar.at) } : { time: stamp(bar.at), value: bar.close })),
        ...rest,
      ]);
      drawn.push(main);
      if (outside.length) {
        const extended = chart.addSeries(LineSeries, {
          ...common,
          color: palette.t3,
          lineWidth: 1,
          lastValueVisible: false,
        });
        extended.setData(
          bars.map((bar, i) => ({ time: stamp(bar.at), ...(touches(gone, i) && { value: bar.close }) })),
        );
        drawn.push(extended);
      }
      if (hours) {
        const { fontSize, fontFamily } = chart.options().layout;
        const ink = { font: `${fontSize}px ${fontFamily}`, colour: palette.t3 };
        main.attachPrimitive(new SessionNames(chart, extendedHours(bars, hours), ink));
      }
      if (history.range === "1d" && base !== undefined) {
        main.createPriceLine({
          price: base,
          color: palette.ctl,
          lineWidth: 1,
          lineStyle: LineStyle.Dashed,
          axisLabelVisible: true,
          axisLabelColor: palette.grid,
          axisLabelTextColor: palette.t2,
          title: "",
        });
      }
      const closes = bars.map((bar) => bar.close);
      const [low, high] = [Math.min(...closes), Math.max(...closes)];
      for (const value of alerts.filter((v) => v >= low && v <= high)) {
        main.createPriceLine({
          price: value,
          color: palette.accent,
          lineWidth: 1,
          lineStyle: LineStyle.Dotted,
          axisLabelVisible: false,
          title: "",
        });
      }
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
