/** What lies behind the line: the grounds of the extended hours with their names, and the volume. Knows no price. */

import type { IChartApi, IPrimitivePaneView, ISeriesPrimitive, Time, UTCTimestamp } from "lightweight-charts";

/** A part of the day, up to the bells' own points so that it meets its neighbour. */
export type Stretch = { from: UTCTimestamp; to: UTCTimestamp; name: string };
export type Volume = { time: UTCTimestamp; value: number };
export type Ink = { font: string; name: string; ground: string; volume: string };

type Target = Parameters<NonNullable<ReturnType<IPrimitivePaneView["renderer"]>>["draw"]>[0];
type Scope = { context: CanvasRenderingContext2D; mediaSize: { width: number; height: number } };

const INSET = 6;
const BASELINE = 15;
/** The share of the height that the largest volume takes. */
const VOLUME_HEIGHT = 0.16;
/** A bar of volume takes this share of its place, and no more than so many pixels. */
const BAR_SHARE = 0.6;
const BAR_MAX = 6;

export class Ground implements ISeriesPrimitive<Time> {
  private readonly views: IPrimitivePaneView[];
  private readonly most: number;

  constructor(
    private readonly chart: IChartApi,
    private readonly stretches: Stretch[],
    private readonly volumes: Volume[],
    private readonly ink: Ink,
  ) {
    this.most = volumes.reduce((most, { value }) => Math.max(most, value), 0);
    this.views = [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.draw(target) }) }];
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  private draw(target: Target): void {
    target.useMediaCoordinateSpace((scope) => {
      for (const stretch of this.stretches) this.shade(scope, stretch);
      this.bars(scope);
    });
  }

  /** A name that does not fit its ground is left out. */
  private shade({ context, mediaSize }: Scope, { from, to, name }: Stretch): void {
    const left = this.chart.timeScale().timeToCoordinate(from);
    const right = this.chart.timeScale().timeToCoordinate(to);
    if (left === null || right === null) return;
    context.fillStyle = this.ink.ground;
    context.fillRect(left, 0, right - left, mediaSize.height);
    context.font = this.ink.font;
    context.fillStyle = this.ink.name;
    if (context.measureText(name).width + 2 * INSET <= right - left) context.fillText(name, left + INSET, BASELINE);
  }

  private bars({ context, mediaSize }: Scope): void {
    if (this.most === 0) return;
    const scale = this.chart.timeScale();
    const width = Math.min(Math.max(scale.options().barSpacing * BAR_SHARE, 1), BAR_MAX);
    context.fillStyle = this.ink.volume;
    for (const { time, value } of this.volumes) {
      const middle = scale.timeToCoordinate(time);
      if (middle === null) continue;
      const height = (value / this.most) * mediaSize.height * VOLUME_HEIGHT;
      context.fillRect(middle - width / 2, mediaSize.height - height, width, height);
    }
  }
}
