import { formatDay } from '../../format.ts';
import { shown } from '../../shown.ts';
import type { LinkedRequest } from './OpenedRequest.tsx';

/** What a request's state means for whoever asked. */
export function stateInWords(request: LinkedRequest): { title: string; sentence: string } {
  const { state, approverEmail, requesterEmail, domainIdentifier, endsAt } = request;
  const until = endsAt === null ? '' : ` until ${formatDay(endsAt)}`;
  switch (state) {
    case 'requested':
      return {
        title: 'Confirm your request',
        sentence: `With it you say that ${shown(requesterEmail)} is your address. There is time${until}.`,
      };
    case 'under-review':
      return request.question !== null && request.answer === null
        ? {
            title: 'The operator asks you something',
            sentence: 'Answer below; the review goes on then. You hear of it by mail.',
          }
        : {
            title: 'Your request is being reviewed',
            sentence: 'An operator looks at why it needs an account of its own. You hear of it by mail.',
          };
    case 'awaiting-acceptance':
      return {
        title: 'Waiting for acceptance',
        sentence:
          approverEmail === requesterEmail
            ? `Another mail is on its way to you: accept the agreement with its link${until}.`
            : `A mail is on its way to ${shown(approverEmail)}, who may accept it${until}.`,
      };
    case 'active':
      return {
        title: 'The account is active',
        sentence: `${shown(approverEmail)} accepted it and administers it.`,
      };
    case 'declined':
      return {
        title: 'Your request was declined',
        sentence: `There is no account of yours for ${domainIdentifier}. A mail says why.`,
      };
    case 'expired':
      return { title: 'Your request has expired', sentence: 'It was not answered in time.' };
    case 'withdrawn':
      return { title: 'Your request is withdrawn', sentence: 'Nothing else happens.' };
  }
}
