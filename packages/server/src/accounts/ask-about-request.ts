import { answerAccountRequest, askAboutAccountRequest, updateReviewSettings } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { mailQuestion } from './request-mails.ts';
import { eventByLink, linkedAnswer, refusedState, requireOwn } from './requests-by-link.ts';
import { requestAnswer } from './requests-view.ts';
import { requireInState, reviewEvent } from './review-requests.ts';
import { readReviewDays, saveReviewDays, saveReviewTalk } from './review-store.ts';

export const reviewTalkHandlers = [
  command(askAboutAccountRequest, async (context, { params, body }) => {
    const { trx, now, actor } = context;
    const before = await requireInState(context, params.requestId, ['under-review']);
    const request = {
      ...before,
      question: body.question,
      questionAt: now,
      questionBy: actor.name,
      answer: null,
      answeredAt: null,
    };
    await saveReviewTalk(trx, request);
    await mailQuestion(context, request, body.question);
    return {
      answer: { request: requestAnswer(request, now, await readReviewDays(trx)) },
      event: {
        ...reviewEvent(
          before,
          request,
          `asked ${request.requesterEmail} about the request for the account ${request.domainIdentifier}: ${body.question}`,
        ),
        before: { question: before.question, answer: before.answer },
        after: { question: body.question },
      },
    };
  }),

  command(answerAccountRequest, async (context, { body }) => {
    const before = await requireOwn(context, body.token, 'change');
    if (before.state !== 'under-review') throw refusedState(before);
    if (before.question === null || before.answer !== null) {
      throw new Refused('nothing-asked', 'Nobody asked anything, or it was answered.');
    }
    const request = { ...before, answer: body.answer, answeredAt: context.now };
    await saveReviewTalk(context.trx, request);
    return {
      answer: { request: await linkedAnswer(context, request, 'requester', false) },
      event: {
        ...eventByLink(
          before,
          request,
          `answered the question about the request for the account ${request.domainIdentifier}: ${body.answer}`,
        ),
        before: { question: before.question },
        after: { question: before.question, answer: body.answer },
      },
    };
  }),

  command(updateReviewSettings, async ({ trx }, { body }) => {
    const before = await readReviewDays(trx);
    await saveReviewDays(trx, body.reviewDays);
    return {
      answer: body,
      event: {
        accountId: null,
        objectKind: 'review-settings',
        objectId: 'review-settings',
        message: `set that the review of a request for an account may take ${body.reviewDays} days`,
        before: { reviewDays: before },
        after: body,
      },
    };
  }),
];
