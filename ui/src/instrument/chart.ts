/** Draws a history with Lightweight Charts. Loaded only when a chart is shown. */

import {
  AreaSeries,
  BaselineSeries,
  CandlestickSeries,
  LineSeries,
  LineStyle,
  createChart,
  type AutoscaleInfo,
  type CandlestickData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type LineData,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Bar, History } from "../bindings";
import { date, day, percent, price, time } from "../format";
import { t } from "../i18n.svelte";
import { candle } from "./candles";
import { together, type Together } from "./compare";
import { Ground } from "./ground";
import { colours, type Colours } from "./ink";
import { axisLabels, extendedHours, inOrder, reference, restOfDay, stamp as seconds, type Hours } from "./places";

export type ChartPoint = {
  bar: Bar;
  x: number;
  /** Where two are compared: how both have moved up to there, in percent. */
  own?: number | undefined;
  other?: number | undefined;
};
export type ChartLook = {
  style: "line" | "candles";
  /** Digits of a price on the axis. */
  digits: number | undefined;
  /** Values at which an armed alert stands. */
  alerts: number[];
  /** Without colour: the last known prices. */
  stale: boolean;
  /** Dashed: made up. */
  simulated: boolean;
  /** Another instrument: both are then drawn in percent. */
  other: History | null;
};
export type ChartView = {
  draw(history: History, look: ChartLook): void;
  /** Takes in what the newest quote says of one bar. */
  live(bar: Bar): void;
  /** Moves the crosshair by a point. */
  step(by: number): void;
  destroy(): void;
};

type Main = ISeriesApi<"Area" | "Baseline" | "Candlestick" | "Line">;
type Place = LineData<UTCTimestamp> | CandlestickData<UTCTimestamp>;

/** Labels of the axis closer to a tag than this, in pixels, are left out. */
const TAG_GAP = 14;

const stamp = (at: string) => seconds(at) as UTCTimestamp;

/** What is to be seen, and this price too. */
function withPrice(info: AutoscaleInfo | null, value: number): AutoscaleInfo | null {
  if (!info?.priceRange) return info;
  const { minValue, maxValue } = info.priceRange;
  return { ...info, priceRange: { minValue: Math.min(minValue, value), maxValue: Math.max(maxValue, value) } };
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
  let pair: Together | undefined;
  let main: Main | undefined;
  /** The tag of the last price, where the series has none of its own. */
  let tag: IPriceLine | undefined;
  const label = (seconds: number) => {
    const date = new Date(seconds * 1000);
    return intraday ? time(date, zone) : day(date, zone, new Date());
  };
  // A day that goes over midnight is still one day.
  const tick = (seconds: number, kind: number) =>
    kind >= 3 || oneDay ? time(new Date(seconds * 1000), zone) : date(new Date(seconds * 1000), zone, new Date());
  const chart: IChartApi = emptyChart(node, palette, label, tick);
  const drawn: ISeriesApi<"Area" | "Baseline" | "Candlestick" | "Line">[] = [];

  chart.subscribeCrosshairMove((move: MouseEventParams) => {
    const found = move.time === undefined ? -1 : bars.findIndex((bar) => stamp(bar.at) === move.time);
    at = found;
    const bar = bars[found];
    const x = bar && (move.point?.x ?? chart.timeScale().timeToCoordinate(stamp(bar.at)) ?? 0);
    const { own, other } = pair?.points[found] ?? {};
    onPoint(bar && x !== undefined ? { bar, x, own, other } : null);
  });

  function clear() {
    for (const series of drawn.splice(0)) chart.removeSeries(series);
    main = tag = undefined;
  }

  /** The height at which a bar ends: its price, or its move where two are compared. */
  const height = (bar: Bar) => (pair ? (bar.close / pair.base - 1) * 100 : bar.close);

  /** Whether the tag of the last price or of the previous close stands on this height. */
  function isTagged(value: number): boolean {
    const here = main?.priceToCoordinate(value) ?? null;
    const last = bars.findLast((bar) => pair || !outside.has(bar));
    const tags = [last && height(last), dayBase(), pair?.moves.other];
    const heights = tags.map((tag) => (tag === undefined ? null : (main?.priceToCoordinate(tag) ?? null)));
    return here !== null && heights.some((tag) => tag !== null && Math.abs(tag - here) < TAG_GAP);
  }

  /** The previous close, where it is what the line is drawn against. */
  const dayBase = () => (oneDay && !pair ? (shown?.history.previous_close ?? undefined) : undefined);

  function common({ digits }: ChartLook) {
    const label = pair ? percent : (value: number) => price(value, digits);
    return {
      priceFormat: {
        type: "custom" as const,
        minMove: 1e-8,
        formatter: label,
        tickmarksFormatter: (prices: number[]) => axisLabels(prices, label, isTagged),
      },
      priceLineVisible: false,
    };
  }

  function lined(look: ChartLook) {
    const lineStyle = look.simulated ? LineStyle.Dashed : LineStyle.Solid;
    return { ...common(look), lineStyle, lineWidth: 2 as const, crosshairMarkerRadius: 4 };
  }

  const ink = ({ stale }: ChartLook) => (stale ? palette.t3 : rising ? palette.up : palette.down);

  /** What the history is drawn as. */
  function addMain(look: ChartLook): Main {
    if (pair) return chart.addSeries(LineSeries, { ...lined(look), ...withBase(0), color: ink(look) });
    const base = dayBase();
    if (look.style === "candles") return addCandles(look, base);
    return base === undefined ? addArea(look) : addBaseline(look, base);
  }

  /** The line is read against something, so that is always in the picture. */
  function withBase(base: number | undefined) {
    const hold = (own: () => AutoscaleInfo | null) => withPrice(own(), base ?? 0);
    return base === undefined ? {} : { autoscaleInfoProvider: hold };
  }

  /** Their last price has a tag in the day's colour, as a line has: that of the last candle tells of a moment only. */
  function addCandles(look: ChartLook, base: number | undefined): ISeriesApi<"Candlestick"> {
    const series = chart.addSeries(CandlestickSeries, {
      ...common(look),
      ...withBase(base),
      lastValueVisible: false,
    });
    const price = bars.findLast((bar) => !outside.has(bar))?.close ?? bars.at(-1)?.close ?? 0;
    tag = series.createPriceLine({ price, color: ink(look), lineVisible: false, axisLabelVisible: true, title: "" });
    return series;
  }

  function tint(look: ChartLook): string {
    if (look.stale) return palette.sunk;
    return rising ? palette.upT : palette.downT;
  }

  function addArea(look: ChartLook): ISeriesApi<"Area"> {
    const fill = tint(look);
    return chart.addSeries(AreaSeries, { ...lined(look), lineColor: ink(look), topColor: fill, bottomColor: fill });
  }

  function addBaseline(look: ChartLook, base: number): ISeriesApi<"Baseline"> {
    const [line, fill] = [ink(look), tint(look)];
    return chart.addSeries(BaselineSeries, {
      ...lined(look),
      ...withBase(base),
      baseValue: { type: "price", price: base },
      topLineColor: line,
      bottomLineColor: line,
      topFillColor1: fill,
      topFillColor2: fill,
      bottomFillColor1: fill,
      bottomFillColor2: fill,
    });
  }

  /** A bar as the main series takes it; one outside of the regular session leaves its place to a line of its own. */
  function place(bar: Bar, look: ChartLook): Place | { time: UTCTimestamp } {
    const at = stamp(bar.at);
    if (pair) return { time: at, value: height(bar) };
    const aside = outside.has(bar);
    if (look.style === "line") return { time: at, ...(!aside && { value: bar.close }) };
    return { time: at, ...candle(bar, { up: palette.up, down: palette.down, quiet: palette.t3 }, aside || look.stale) };
  }

  /** A line of its own for each stretch: one line would go on straight through the regular session. */
  function addExtended(look: ChartLook, { from, to }: Hours): void {
    const own = { color: palette.t3, lineWidth: 1 as const, lastValueVisible: false };
    const series = chart.addSeries(LineSeries, { ...lined(look), ...own });
    const part = bars.filter((bar) => stamp(bar.at) >= from && stamp(bar.at) <= to);
    series.setData(part.map((bar) => ({ time: stamp(bar.at), value: bar.close })));
    drawn.push(series);
  }

  function addOther(look: ChartLook, { points }: Together): void {
    const series = chart.addSeries(LineSeries, { ...lined(look), color: palette.accent });
    series.setData(
      points.map(({ bar, other }) => ({ time: stamp(bar.at), ...(other !== undefined && { value: other }) })),
    );
    drawn.push(series);
  }

  function addGround(series: Main, stretches: Hours[]): void {
    const { fontSize, fontFamily } = chart.options().layout;
    const grounds = stretches.map(({ name, from, to }) => ({
      name: t(`session-${name}`),
      from: from as UTCTimestamp,
      to: to as UTCTimestamp,
    }));
    // Whose volume it were, of two, nobody could tell.
    const traded = pair ? [] : bars;
    const volumes = traded.flatMap(({ at, volume }) => (volume ? [{ time: stamp(at), value: volume }] : []));
    const ink = { font: `${fontSize}px ${fontFamily}`, name: palette.t3, ground: palette.ext, volume: palette.vol };
    series.attachPrimitive(new Ground(chart, grounds, volumes, ink));
  }

  function addMarks(series: Main, alerts: number[]): void {
    const base = pair ? 0 : dayBase();
    const mark = { lineWidth: 1 as const, title: "" };
    if (base !== undefined) {
      series.createPriceLine({
        ...mark,
        price: base,
        color: palette.ctl,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: !pair,
        axisLabelColor: palette.grid,
        axisLabelTextColor: palette.t2,
      });
    }
    if (pair) return;
    const [low, high] = [Math.min(...bars.map((bar) => bar.low)), Math.max(...bars.map((bar) => bar.high))];
    for (const value of alerts.filter((v) => v >= low && v <= high)) {
      const look = { color: palette.accent, lineStyle: LineStyle.Dotted, axisLabelVisible: false };
      series.createPriceLine({ ...mark, ...look, price: value });
    }
  }

  /** Takes in what is to be shown; nothing is drawn yet. */
  function take(history: History, look: ChartLook): void {
    shown = { history, look };
    zone = history.time_zone ?? undefined;
    intraday = ["1d", "5d"].includes(history.range);
    oneDay = history.range === "1d";
    bars = inOrder(history.bars);
    pair = look.other ? together({ ...history, bars }, look.other) : undefined;
    if (pair) bars = pair.points.map(({ bar }) => bar);
    const base = pair?.base ?? reference(history);
    const last = bars.at(-1)?.close;
    rising = base === undefined || last === undefined || last >= base;
    const hours = oneDay ? history.regular_hours : undefined;
    outside = new Set(hours ? bars.filter((bar) => bar.at < hours.start || bar.at >= hours.end) : []);
  }

  return {
    draw(history, look) {
      clear();
      take(history, look);
      if (bars.length === 0) return;
      const hours = oneDay ? history.regular_hours : undefined;
      const rest = (hours ? restOfDay(bars, hours.end) : []) as { time: UTCTimestamp }[];
      main = addMain(look);
      main.setData([...bars.map((bar) => place(bar, look)), ...rest]);
      drawn.push(main);
      if (pair) addOther(look, pair);
      const stretches = hours ? extendedHours(bars, hours) : [];
      if (!pair && look.style === "line") for (const stretch of stretches) addExtended(look, stretch);
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
      const base = pair?.base ?? reference(history);
      const sameSide = base === undefined || bar.close >= base === rising;
      // Only the very last point can move by itself; anything else is drawn anew, which is seldom.
      if (before < 0 || before < all.length - 1 || !sameSide) return this.draw({ ...history, bars: all }, look);
      shown = { history: { ...history, bars: all }, look };
      bars = bars.with(-1, bar);
      main.update(place(bar, look), true);
      tag?.applyOptions({ price: bar.close });
      // The tag has moved: which labels of the axis it covers is to be asked again.
      main.priceScale().applyOptions({});
    },
    step(by) {
      if (!main || bars.length === 0) return;
      at = Math.min(Math.max(at < 0 ? bars.length - 1 : at + by, 0), bars.length - 1);
      const bar = bars[at];
      if (bar) chart.setCrosshairPosition(height(bar), stamp(bar.at), main);
    },
    destroy() {
      chart.remove();
    },
  };
}

/** A chart without anything in it. */
function emptyChart(
  node: HTMLElement,
  palette: Colours,
  label: (seconds: number) => string,
  tick: (seconds: number, kind: number) => string,
): IChartApi {
  return createChart(node, {
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
      tickMarkFormatter: tick,
    },
    crosshair: {
      vertLine: { color: palette.ctl, style: LineStyle.Dashed, labelBackgroundColor: palette.inv },
      horzLine: { visible: false, labelVisible: false },
    },
    localization: { timeFormatter: label },
    handleScale: false,
    handleScroll: false,
  });
}
