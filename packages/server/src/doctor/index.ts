export { describeFinding } from './describe-finding.ts';
export { type ExaminationOptions, examine, examineInstallation, type Report } from './examine.ts';
export type { Finding } from './law.ts';
