import { useReducedMotion } from '@mantine/hooks';
import { Bar, BarChart, CartesianGrid, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { count, formatMonth } from '../../format.ts';
import styles from './overview.module.css';
import { nearMonths, type Overview } from './overview-words.ts';

type Month = Overview['ending'][number];

const short = new Intl.NumberFormat(undefined, { notation: 'compact' });
/** Round steps of 1, 2 or 5 times a power of ten, at most four of them: [0, 500, 1000, 1500, 2000] up to 1,980. */
function ticksUpTo(largest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, largest / 4)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * 4 >= largest) ?? largest;
  const ticks = Array.from({ length: Math.ceil(largest / step) + 1 }, (_, position) => position * step);
  return ticks.map(Math.round);
}

/** A tooltip names so many licenses of a month. */
const named = 5;

/** What ends in each of the next 24 months; the table behind it says the same in numbers. */
export default function EndingChart({ ending }: { ending: Month[] }) {
  const still = useReducedMotion();
  return (
    <div className={styles.chart} aria-hidden="true">
      <ResponsiveContainer width="100%" height={196}>
        <BarChart
          data={ending}
          margin={{ top: 4, right: 4, bottom: 0, left: -14 }}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke="var(--e-line-2)" />
          <XAxis
            dataKey="month"
            tickFormatter={(month: string) => formatMonth(month, 'short')}
            interval={2}
            tickLine={false}
            axisLine={{ stroke: 'var(--e-line)' }}
          />
          <YAxis
            tickFormatter={(value: number) => short.format(value)}
            tickLine={false}
            axisLine={false}
            ticks={ticksUpTo(Math.max(...ending.map((month) => month.quantity)))}
            interval={0}
          />
          <Tooltip
            cursor={{ fill: 'var(--e-hover)' }}
            content={({ active, payload }) => {
              const month = active ? (payload[0]?.payload as Month | undefined) : undefined;
              return month === undefined ? null : <Tip month={month} />;
            }}
          />
          <Bar dataKey="quantity" radius={[3, 3, 0, 0]} isAnimationActive={!still} animationDuration={120}>
            {ending.map((month, position) => (
              <Cell
                key={month.month}
                fill={position < nearMonths ? 'var(--e-warn-fill)' : 'var(--e-brand)'}
              />
            ))}
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

const licensesOf = ({ licenses, otherLicenses }: Month): number => licenses.length + otherLicenses;

function Tip({ month }: { month: Month }) {
  return (
    <div className={styles.tip}>
      <b>{formatMonth(month.month, 'long')}</b>: {count(month.quantity, 'license')}
      <ul>
        {month.licenses.slice(0, named).map((license) => (
          <li key={license.tag}>
            {license.quantity} {license.licenseName}
          </li>
        ))}
        {licensesOf(month) > named && <li>and {licensesOf(month) - named} more</li>}
      </ul>
    </div>
  );
}
