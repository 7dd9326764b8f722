/** Days that a request for an account has waited for its review when staff is told of it; 0 is the first time. */
export const reviewReminderDays = [0, 3, 7, 14, 28] as const;

/** Hours before a recovery expires that no second operator has answered, when staff is told of it again. */
export const recoveryReminderHours = 24;
