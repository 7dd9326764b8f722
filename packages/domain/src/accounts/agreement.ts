/**
 * What whoever accepts an account agrees to. A placeholder for the publisher's own text, which each installation will
 * bring itself; the version is kept with every acceptance.
 */
export const accountAgreement = {
  name: 'Terms of the licensing account',
  version: 1,
  text: 'You accept for your company that this account holds its licenses, that its administrators answer for the people they let in, and that licenses are used within what was bought.',
} as const;
