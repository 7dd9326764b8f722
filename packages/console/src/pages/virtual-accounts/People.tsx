import type { AnswerOf, moveVirtualAccount } from '@estover/protocol';
import { count } from '../../format.ts';
import { shown } from '../../shown.ts';

/** People whose access changes, by name; or that there are none. */
export function People({
  title,
  people,
}: {
  title: string;
  people: AnswerOf<typeof moveVirtualAccount>['gain'];
}) {
  return (
    <div>
      <b>
        {title}: {people.length === 0 ? 'nobody' : count(people.length, 'person', 'people')}
      </b>
      {people.length > 0 && (
        <ul>
          {people.map((person) => (
            <li key={person.personId}>
              {person.name} <small>{shown(person.email)}</small>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
