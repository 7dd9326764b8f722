import type { TagRefusal } from '@estover/domain/accounts';
import { Refused } from '../edge/refused.ts';
import { unknownTag } from './carried-tags.ts';

/** A refusal of a tag in words, with its numbers. */
export function refusedTag(refusal: TagRefusal): Refused {
  switch (refusal.code) {
    case 'tag-name-taken':
      return new Refused(
        'tag-name-taken',
        refusal.what === 'key'
          ? `There is a tag key named ${refusal.name} already.`
          : `The key has a value named ${refusal.name} already, or it is named twice.`,
        { name: refusal.name, what: refusal.what },
      );
    case 'tag-limit': {
      const { what, maximum, count } = refusal;
      return new Refused(
        'tag-limit',
        what === 'key'
          ? `The account would have ${count} tag keys; there are at most ${maximum}.`
          : `The key would have ${count} values; there are 1 to ${maximum}.`,
        { what, maximum, count },
      );
    }
    case 'tag-in-use': {
      const { virtualAccounts, confirmed } = refusal;
      return new Refused(
        'tag-in-use',
        `${virtualAccounts === 1 ? '1 virtual account carries' : `${virtualAccounts} virtual accounts carry`} what is to be removed, and ${confirmed} ${confirmed === 1 ? 'was' : 'were'} confirmed.`,
        { virtualAccounts, confirmedVirtualAccounts: confirmed },
      );
    }
    case 'unknown-tag-value':
      return unknownTag(refusal.id);
    case 'nothing-to-do':
      return new Refused('nothing-to-do', 'The tags are like this already.');
  }
}
