/**
 * The first records of a CSV text (RFC 4180), complete or cut anywhere. A record that is cut off is left out, unless
 * `complete` says that the text ends here.
 */
export function csvHead(text: string, most: number, complete: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  const endField = () => {
    record.push(field);
    field = '';
  };
  for (let at = 0; at < text.length && records.length < most; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at++;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') endField();
    else if (character === '\n') {
      endField();
      records.push(record);
      record = [];
    } else if (character !== '\r' && character !== '\uFEFF') field += character;
  }
  if (complete && records.length < most && (field !== '' || record.length > 0)) {
    endField();
    records.push(record);
  }
  return records;
}
