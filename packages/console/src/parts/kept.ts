/*
 * Small things this browser remembers for a person. One that keeps nothing only forgets them: nothing depends on them.
 */

export function isKept(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

export function keep(key: string): void {
  try {
    localStorage.setItem(key, 'yes');
  } catch {
    // It is shown again next time.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // There was nothing to forget.
  }
}
