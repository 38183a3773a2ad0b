import { useEffect, useRef, useState } from 'preact/hooks';
import { onThemeChange } from '../shared/theme.js';
import type { Drawn } from './echart.js';
import type { ChartData, ValueStyle } from './model.js';

export interface ChartViewProps {
  readonly title: string;
  readonly data: ChartData;
  readonly styles: Readonly<Record<string, ValueStyle>>;
  /** Told once it can be made a picture of. */
  readonly onDrawn: (picture: (() => string) | null) => void;
}

/** A chart. What draws it is loaded when the first one is wanted. */
export function ChartView({ title, data, styles, onDrawn }: ChartViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [isFailed, setIsFailed] = useState(false);
  useEffect(() => {
    let made: Drawn | null = null;
    let isOver = false;
    import('./echart.js').then(
      ({ chartIn }) => {
        if (isOver || !element.current) return;
        made = chartIn(element.current);
        setDrawn(made);
        onDrawn(made.picture);
      },
      () => setIsFailed(true),
    );
    return () => {
      isOver = true;
      made?.end();
      onDrawn(null);
    };
  }, []);
  useEffect(() => {
    if (!drawn) return;
    const draw = () => drawn.draw(data, styles);
    draw();
    return onThemeChange(draw);
  }, [drawn, data, styles]);
  if (isFailed)
    return (
      <p class="empty">The chart could not be drawn: its script did not load. The table has the figures.</p>
    );
  return (
    <div
      class="plot"
      ref={element}
      role="img"
      aria-label={`${title}: a ${data.type} chart; the table has its figures`}
    />
  );
}
