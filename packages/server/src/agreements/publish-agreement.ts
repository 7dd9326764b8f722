import { agreementGates } from '@estover/domain/agreements';
import { publishAgreement, updateAgreementSettings } from '@estover/protocol';
import { requireRecentProof } from '../access/index.ts';
import { command, type Handler } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { versionAnswer } from './agreement-answers.ts';
import { hashOfText, insertVersion, newestVersions, readGates, saveGates } from './agreements-store.ts';
import { countActiveAccounts } from './platform-agreements-view.ts';

export const publishingHandlers: readonly Handler[] = [
  command(publishAgreement, async (context, { body }) => {
    const { trx, now, actor } = context;
    // It may close the door of every customer some weeks from now.
    if (!context.dryRun) requireRecentProof(context);
    const before = (await newestVersions(trx)).find(({ agreement }) => agreement === body.agreement);
    const textHash = hashOfText(body.text);
    const language = body.language ?? null;
    const isSame =
      before?.textHash.equals(textHash) === true &&
      before.title === body.title &&
      before.language === language;
    if (before !== undefined && isSame) {
      throw new Refused(
        'agreement-unchanged',
        `Version ${before.version} of ${before.title} has this text.`,
        {
          version: before.version,
        },
      );
    }
    const published = {
      ...body,
      language,
      version: (before?.version ?? 0) + 1,
      textHash,
      publishedAt: now,
      publishedBy: actor.name,
    };
    if (!(await insertVersion(trx, published))) {
      throw new Refused('not-ready', 'Somebody else published a version of it at this moment.');
    }
    const accounts = await countActiveAccounts(trx);
    return {
      answer: { version: versionAnswer({ ...published, toldAt: null }), accounts },
      event: {
        accountId: null,
        objectKind: 'agreement',
        objectId: `${body.agreement}/${published.version}`,
        message: `published ${body.title}, version ${published.version}, to be accepted within ${body.deadlineDays} days`,
        before:
          before === undefined
            ? null
            : { version: before.version, textHash: before.textHash.toString('hex') },
        after: {
          version: published.version,
          textHash: textHash.toString('hex'),
          deadlineDays: body.deadlineDays,
        },
      },
    };
  }),

  command(updateAgreementSettings, async ({ trx }, { body }) => {
    const before = await readGates(trx);
    // In the order of the list, each once.
    const blocked = agreementGates.filter((gate) => body.blocked.includes(gate));
    await saveGates(trx, blocked);
    const closed = blocked.length === 0 ? 'nothing' : blocked.join(', ');
    return {
      answer: { blocked },
      event: {
        accountId: null,
        objectKind: 'agreement-settings',
        objectId: 'blocked',
        message: `set that ${closed} is closed to accounts that have not accepted in time`,
        before: { blocked: before },
        after: { blocked },
      },
    };
  }),
];
