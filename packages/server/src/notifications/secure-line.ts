/** A password goes over no line that others can read; to this machine itself there is none. */
export function needsSecureLine(smtpUrl: string): boolean {
  const { username, password, hostname } = new URL(smtpUrl);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return `${username}${password}` !== '' && !isHere;
}
