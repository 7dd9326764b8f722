import styles from './FilterChips.module.css';
import { CloseIcon } from './icons.tsx';

/** A filter that came from elsewhere, such as a link in a panel: shows what it holds and goes away when pressed. */
export function ClearChip({ label, value, onClear }: { label: string; value: string; onClear: () => void }) {
  return (
    <button
      type="button"
      className={styles.chip}
      data-set
      aria-label={`${label} ${value}: remove this filter`}
      onClick={onClear}
    >
      {label} <b>{value}</b> <CloseIcon />
    </button>
  );
}

/** A filter by calendar date. */
export function DayChip(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { label, value, onChange } = props;
  return (
    <label className={styles.chip} data-set={value === undefined ? undefined : true}>
      {label}
      <input
        type="date"
        className={styles.day}
        value={value ?? ''}
        max="9999-12-31"
        onChange={(event) =>
          onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)
        }
      />
    </label>
  );
}
