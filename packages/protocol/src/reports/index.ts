export * from './download-report.ts';
