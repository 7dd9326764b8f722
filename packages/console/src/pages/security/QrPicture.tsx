import encodeQR from 'qr';
import { useMemo } from 'react';
import styles from './security.module.css';

/** Blank modules around the picture, which readers need to find it (ISO/IEC 18004 §6.3.8). */
const quiet = 4;

/** A text as a picture for a phone's camera, drawn here: nobody else learns the text. */
export function QrPicture({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const rows = encodeQR(text, 'raw', { border: quiet });
    const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: rows.length, path: dark.join('') };
  }, [text]);
  return (
    <svg
      className={styles.picture}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} fill="currentColor" />
    </svg>
  );
}
