// Bytes per second, up and down, as far as this page has watched. The words beside it say the same without eyes.
import { bytes } from "../ui/time";

export interface Sample {
    at: number;
    up: number;
    down: number;
}

const width = 600;
const height = 96;
const window_ms = 180_000;

export function Chart({ samples }: { samples: Sample[] }) {
    const last = samples.at(-1);
    const rates = samples.slice(1).map((sample, index) => {
        const before = samples[Math.max(0, index - 2)]!; // over three steps: the controller learns of bytes only every few seconds
        const seconds = Math.max(0.2, (sample.at - before.at) / 1000);
        return { at: sample.at, up: Math.max(0, (sample.up - before.up) / seconds), down: Math.max(0, (sample.down - before.down) / seconds) };
    });
    const top = Math.max(1000, ...rates.map((rate) => Math.max(rate.up, rate.down)));
    const x = (at: number) => width - ((last!.at - at) / window_ms) * width;
    const y = (rate: number) => height - 2 - (rate / top) * (height - 6);
    const line = (pick: (rate: { up: number; down: number }) => number) => rates.filter((rate) => last!.at - rate.at <= window_ms).map((rate) => `${x(rate.at).toFixed(1)},${y(pick(rate)).toFixed(1)}`).join(" ");
    const present = rates.at(-1) ?? { up: 0, down: 0 };
    return (
        <section aria-label="Bytes per second">
            <h2>Bytes per second</h2>
            <div class="chart">
                <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`Up ${bytes(Math.round(present.up))} and down ${bytes(Math.round(present.down))} per second`}>
                    <line x1="0" x2={width} y1={height - 2} y2={height - 2} class="axis" />
                    <line x1="0" x2={width} y1={height / 2} y2={height / 2} class="axis faint" />
                    {rates.length > 0 && <polyline points={line((rate) => rate.down)} class="down" />}
                    {rates.length > 0 && <polyline points={line((rate) => rate.up)} class="up" />}
                </svg>
                <p class="legend">
                    <span class="up">{`↑ ${bytes(Math.round(present.up))}/s`}</span> <span class="down">{`↓ ${bytes(Math.round(present.down))}/s`}</span>
                    <span class="dim">{`top ${bytes(Math.round(top))}/s · last 3 minutes`}</span>
                </p>
            </div>
        </section>
    );
}
