/** The problems of alerts. */
export const alertProblems = {
  'alert-ended': { status: 409, title: 'The alert has ended', next: 'Look at the list again.' },
} as const;
