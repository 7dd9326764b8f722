import { type Cadence, cadences } from '@estover/domain/notifications';
import { NativeSelect } from '@mantine/core';
import { cadenceWords } from './notification-words.ts';

interface CadenceSelectProps {
  label: string;
  value: Cadence;
  onChange: (cadence: Cadence) => void;
  disabled?: boolean;
}

/** How often somebody hears of a kind. */
export function CadenceSelect({ label, value, onChange, disabled = false }: CadenceSelectProps) {
  return (
    <NativeSelect
      aria-label={label}
      size="xs"
      disabled={disabled}
      value={value}
      onChange={(event) => {
        const chosen = cadences.find((cadence) => cadence === event.currentTarget.value);
        if (chosen !== undefined) onChange(chosen);
      }}
      data={cadences.map((cadence) => ({ value: cadence, label: cadenceWords[cadence] }))}
    />
  );
}
