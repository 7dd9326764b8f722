/** Tells on stderr how far the copying of rows is, every two seconds, beginning with the third. */
export function rowProgress(): (table: string, rows: number) => void {
  let toldAt = performance.now();
  return (table, rows) => {
    if (performance.now() - toldAt < 2_000) return;
    toldAt = performance.now();
    console.error(`${rows} rows, in ${table}`);
  };
}
