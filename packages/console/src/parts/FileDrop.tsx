import { type DragEvent, useState } from 'react';
import styles from './FileDrop.module.css';

interface FileDropProps {
  /** What the file is, for screen readers: "File with orders". */
  label: string;
  /** What can be dropped: "a CSV file". */
  what: string;
  /** How much of it: "Up to 32 MB". */
  most: string;
  accept: string;
  /** The file that is there already. */
  name: string | undefined;
  disabled?: boolean;
  onFile: (file: File) => void;
}

/** A place to drop a file, or to choose one. */
export function FileDrop({ label, what, most, accept, name, disabled = false, onFile }: FileDropProps) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined && !disabled) onFile(file);
  };
  return (
    <label
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <b>{name ?? `Drop ${what} here, or choose one`}</b>
      <span>{name === undefined ? most : 'Drop or choose another file to try that one'}</span>
      <input
        type="file"
        className="visually-hidden"
        aria-label={label}
        accept={accept}
        disabled={disabled}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
          event.currentTarget.value = '';
        }}
      />
    </label>
  );
}
