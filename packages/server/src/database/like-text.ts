/** Text for `like` and `ilike` that is found anywhere; what a person typed stands for itself. */
export const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
