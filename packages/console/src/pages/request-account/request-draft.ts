import type { AccountKind } from '@estover/domain/accounts';
import type { CallInput, requestAccount } from '@estover/protocol';

/** The form as it is filled in. */
export interface RequestDraft {
  kind: AccountKind;
  companyName: string;
  mailDomain: string;
  prefix: string;
  justification: string;
  name: string;
  email: string;
  hasAuthority: boolean;
  approverEmail: string;
}

export const emptyDraft: RequestDraft = {
  kind: 'customer',
  companyName: '',
  mailDomain: '',
  prefix: '',
  justification: '',
  name: '',
  email: '',
  hasAuthority: true,
  approverEmail: '',
};

/** Fields that show beside themselves what is wrong with them. */
export const markedFields = [
  '/companyName',
  '/mailDomain',
  '/prefix',
  '/justification',
  '/requester/name',
  '/requester/email',
  '/approverEmail',
] as const;

/** What is asked for: fields that the chosen kind does not show are left out. */
export function inputOf(draft: RequestDraft): CallInput<typeof requestAccount> {
  const { kind, companyName, name, email } = draft;
  return {
    body: {
      kind,
      companyName: companyName.trim(),
      ...domainOf(draft),
      requester: { name: name.trim(), email: email.trim() },
      ...approverOf(draft),
    },
  };
}

/** The approver, where it is somebody else than who asks. */
export const approverOf = (draft: RequestDraft): { approverEmail?: string } =>
  draft.hasAuthority ? {} : { approverEmail: draft.approverEmail.trim() };

/** The parts of the identifier, where the kind has one of its own. */
export const domainOf = ({ kind, mailDomain, prefix, justification }: RequestDraft) =>
  kind === 'limited-use'
    ? {}
    : {
        mailDomain: mailDomain.trim(),
        ...(prefix.trim() === '' ? {} : { prefix: prefix.trim() }),
        ...(justification.trim() === '' ? {} : { justification: justification.trim() }),
      };
