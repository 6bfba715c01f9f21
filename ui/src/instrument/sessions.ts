/** The names of the extended hours, drawn on their ground. Knows where to write, not what the session means. */

import type { IChartApi, IPrimitivePaneView, ISeriesPrimitive, Time, UTCTimestamp } from "lightweight-charts";

export type Stretch = { from: UTCTimestamp; to: UTCTimestamp; name: string };

type Ink = { font: string; colour: string };
const INSET = 6;
const BASELINE = 15;

/** A name that does not fit its stretch is left out. */
export class SessionNames implements ISeriesPrimitive<Time> {
  private readonly views: IPrimitivePaneView[];

  constructor(
    private readonly chart: IChartApi,
    private readonly stretches: Stretch[],
    private readonly ink: Ink,
  ) {
    this.views = [{ zOrder: () => "top", renderer: () => ({ draw: (target) => this.draw(target) }) }];
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  private draw(target: Parameters<NonNullable<ReturnType<IPrimitivePaneView["renderer"]>>["draw"]>[0]): void {
    target.useMediaCoordinateSpace(({ context }) => {
      context.font = this.ink.font;
      context.fillStyle = this.ink.colour;
      for (const { from, to, name } of this.stretches) {
        const left = this.chart.timeScale().timeToCoordinate(from);
        const right = this.chart.timeScale().timeToCoordinate(to);
        if (left === null || right === null) continue;
        if (context.measureText(name).width + 2 * INSET <= right - left) {
          context.fillText(name, left + INSET, BASELINE);
        }
      }
    });
  }
}
