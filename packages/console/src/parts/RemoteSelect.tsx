import { Select } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

export interface Choice {
  value: string;
  label: string;
}

interface RemoteSelectProps {
  label: string;
  description?: string;
  placeholder?: string;
  /** What the server found for the words typed last. */
  choices: readonly Choice[];
  /** Asked for once the typing rests; undefined for no words. */
  onSearch: (words: string | undefined) => void;
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string | undefined;
  required?: boolean;
}

/** A field for one of many things that only the server knows: typing asks it. */
export function RemoteSelect({ choices, onSearch, value, onChange, ...rest }: RemoteSelectProps) {
  const [chosen, setChosen] = useState<Choice | null>(null);
  const ask = useDebouncedCallback(
    (words: string) => onSearch(words === '' || words === chosen?.label ? undefined : words.slice(0, 100)),
    200,
  );
  const kept = chosen !== null && chosen.value === value ? chosen : null;
  const data =
    kept === null || choices.some((one) => one.value === kept.value) ? choices : [kept, ...choices];
  return (
    <Select
      {...rest}
      withAsterisk={false}
      data={[...data]}
      searchable
      filter={({ options }) => options}
      value={value}
      onSearchChange={ask}
      onChange={(next, option) => {
        setChosen(next === null || option === null ? null : { value: next, label: option.label });
        onChange(next);
      }}
      nothingFoundMessage="Nothing has this name"
    />
  );
}
