import { describe, expect, it } from 'vitest';
import {
  patchGroup,
  patchUser,
  readFilter,
  readGroup,
  readPatch,
  readUser,
  ScimError,
  type ScimUser,
} from './index.ts';

const patch = (...operations: unknown[]) =>
  readPatch({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations });

/** The status and kind of the error that something is refused with. */
function refused(work: () => unknown): [number, string | undefined] {
  try {
    work();
  } catch (error) {
    if (error instanceof ScimError) return [error.status, error.scimType];
    throw error;
  }
  throw new Error('it was not refused');
}

describe('filters', () => {
  const names = ['userName', 'externalId', 'id', 'members.value'] as const;
  it.each<[string, [string, string][]]>([
    ['userName eq "ana@x.example"', [['userName', 'ana@x.example']]],
    ['USERNAME EQ "ana@x.example"', [['userName', 'ana@x.example']]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a"', [['userName', 'a']]],
    [
      'id eq "1" and members eq "2"',
      [
        ['id', '1'],
        ['members.value', '2'],
      ],
    ],
    ['members[value eq "2"]', [['members.value', '2']]],
    [
      'externalId eq "a \\"b\\" and c eq \\"d\\"" AND id eq "1"',
      [
        ['externalId', 'a "b" and c eq "d"'],
        ['id', '1'],
      ],
    ],
  ])('%s', (text, terms) => {
    expect(readFilter(text, names).map(({ attribute, value }) => [attribute, value])).toEqual(terms);
  });

  it.each([
    '',
    'userName',
    'userName eq ana',
    'userName sw "a"',
    'userName eq "a" or id eq "1"',
    'not (userName eq "a")',
    'userName eq "a" and',
    'userName eq "a" id eq "1"',
    'title eq "a"',
    'constructor eq "a"',
    'userName eq "a\\u0000"',
    'userName eq "a\\q"',
    `userName eq "${'a'.repeat(1_000)}"`,
    `${'('.repeat(900)}`,
  ])('refuses %s', (text) => {
    expect(refused(() => readFilter(text, names))).toEqual([400, 'invalidFilter']);
  });
});

describe('users', () => {
  const ana: ScimUser = {
    userName: 'ana@x.example',
    externalId: '1',
    active: true,
    displayName: 'Ana Ruiz',
    givenName: 'Ana',
    familyName: 'Ruiz',
    formatted: null,
  };

  it('are read with names of attributes in any case, and without what is not kept', () => {
    expect(
      readUser({
        UserName: 'Ana@X.example ',
        externalid: '1',
        Active: 'True',
        name: { GivenName: 'Ana', familyName: 'Ruiz', middleName: 'B.' },
        displayName: 'Ana Ruiz',
        title: 'Dr.',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'IT' },
      }),
    ).toEqual(ana);
    expect(readUser({ userName: 'ana@x.example' })).not.toHaveProperty('active');
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'invalidSyntax'],
    ['no mail address', { userName: 'ana' }, 'invalidValue'],
    ['no userName', { displayName: 'Ana' }, 'invalidValue'],
    ['a name that is no object', { userName: 'a@x.example', name: 'Ana' }, 'invalidSyntax'],
    ['a long text', { userName: 'a@x.example', displayName: 'x'.repeat(321) }, 'invalidValue'],
    ['a control character', { userName: 'a@x.example', externalId: 'a\u0000' }, 'invalidValue'],
    ['active as a number', { userName: 'a@x.example', active: 1 }, 'invalidValue'],
  ])('are not read from %s', (_, body, scimType) => {
    expect(refused(() => readUser(body))).toEqual([400, scimType]);
  });

  it.each<[string, unknown[], Partial<ScimUser>]>([
    ['active as text, capitals', [{ op: 'Replace', path: 'active', value: 'False' }], { active: false }],
    ['no path', [{ op: 'replace', value: { active: false } }], { active: false }],
    [
      'no path, names that are paths',
      [
        {
          op: 'Add',
          value: {
            'name.givenName': 'Anna',
            'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': 'IT',
          },
        },
      ],
      { givenName: 'Anna' },
    ],
    [
      'no path, with what only the server writes',
      [{ op: 'replace', value: { id: 'x', active: 'true' } }],
      {},
    ],
    [
      'a schema in the path',
      [{ op: 'add', path: 'urn:ietf:params:scim:schemas:core:2.0:User:displayName', value: 'A' }],
      { displayName: 'A' },
    ],
    ['removal', [{ op: 'Remove', path: 'externalId' }], { externalId: null }],
    [
      'a whole name',
      [{ op: 'replace', path: 'name', value: { familyName: 'Roth', formatted: 'A. Roth' } }],
      { familyName: 'Roth', formatted: 'A. Roth' },
    ],
    ['removal of the name', [{ op: 'remove', path: 'name' }], { givenName: null, familyName: null }],
    [
      'mail addresses and titles, which are not kept',
      [
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'b@x.example' },
        { op: 'Add', path: 'title', value: 'Dr.' },
      ],
      {},
    ],
    [
      'parts of names that are not kept',
      [
        { op: 'add', path: 'name.middleName', value: 'M.' },
        { op: 'add', path: 'name.constructor', value: 'C' },
        { op: 'add', path: 'name.__proto__', value: 'P' },
      ],
      {},
    ],
    [
      'one step after the other',
      [
        { op: 'replace', path: 'active', value: false },
        { op: 'replace', path: 'active', value: true },
      ],
      {},
    ],
  ])('are patched: %s', (_, operations, after) => {
    expect(patchUser(ana, patch(...operations))).toEqual({ ...ana, ...after });
  });

  it.each<[string, unknown, string]>([
    ['an attribute that is nowhere', { op: 'replace', path: 'shoeSize', value: 1 }, 'invalidPath'],
    ['an id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['removal of active', { op: 'remove', path: 'active' }, 'invalidValue'],
    ['removal of userName', { op: 'remove', path: 'userName' }, 'invalidValue'],
    ['removal of nothing', { op: 'remove' }, 'invalidPath'],
    ['an unknown op', { op: 'move', path: 'active' }, 'invalidSyntax'],
    ['no path and no object', { op: 'replace', value: 'x' }, 'invalidSyntax'],
  ])('are not patched with %s', (_, operation, scimType) => {
    expect(refused(() => patchUser(ana, patch(operation)))).toEqual([400, scimType]);
  });

  it('are patched by a PatchOp with steps, and no other body', () => {
    for (const body of [null, {}, { schemas: [], Operations: [] }, { Operations: [{ op: 'add' }] }]) {
      expect(refused(() => readPatch(body))).toEqual([400, 'invalidSyntax']);
    }
    const many = Array.from({ length: 1_001 }, () => ({ op: 'add', path: 'active', value: true }));
    expect(refused(() => patch(...many))).toEqual([413, undefined]);
  });
});

describe('groups', () => {
  const night = { displayName: 'Night', externalId: null, members: new Set(['a', 'b']) };
  const after = (...operations: unknown[]) => [...patchGroup(night, patch(...operations)).members].sort();

  it.each<[string, unknown, string[]]>([
    ['add a list', { op: 'Add', path: 'members', value: [{ value: 'c' }, { value: 'a' }] }, ['a', 'b', 'c']],
    ['add one', { op: 'add', path: 'members', value: { value: 'c' } }, ['a', 'b', 'c']],
    ['add without a path', { op: 'add', value: { members: [{ value: 'c' }] } }, ['a', 'b', 'c']],
    ['take out by path', { op: 'remove', path: 'members[value eq "a"]' }, ['b']],
    ['take out by a list', { op: 'Remove', path: 'members', value: [{ value: 'a' }] }, ['b']],
    ['take out somebody who is not in it', { op: 'remove', path: 'members[value eq "z"]' }, ['a', 'b']],
    ['take all out', { op: 'remove', path: 'members' }, []],
    ['replace', { op: 'replace', path: 'members', value: [{ value: 'z' }] }, ['z']],
    ['replace without a path', { op: 'replace', value: { id: '1', members: [] } }, []],
  ])('%s', (_, operation, members) => {
    expect(after(operation)).toEqual(members);
  });

  it('take a name and an id of the identity provider', () => {
    expect(
      patchGroup(night, patch({ op: 'replace', value: { displayName: 'Day', externalId: 'x' } })),
    ).toMatchObject({ displayName: 'Day', externalId: 'x' });
    expect(readGroup({ displayName: 'Night', members: null })).toEqual({
      displayName: 'Night',
      externalId: null,
      members: new Set(),
    });
    expect(readGroup({ displayName: 'Night' })).not.toHaveProperty('members');
    expect(refused(() => readGroup({}))).toEqual([400, 'invalidValue']);
  });

  it.each<[string, unknown, [number, string | undefined]]>([
    ['a member without an id', { op: 'add', path: 'members', value: [{}] }, [400, 'invalidValue']],
    ['an unknown path', { op: 'add', path: 'owner', value: 'a' }, [400, 'invalidPath']],
    [
      'a path that filters otherwise',
      { op: 'remove', path: 'members[display eq "a"]' },
      [400, 'invalidPath'],
    ],
    [
      'an addition to one member',
      { op: 'add', path: 'members[value eq "a"]', value: 'b' },
      [400, 'invalidPath'],
    ],
    [
      'more than 1,000 members',
      { op: 'add', path: 'members', value: Array.from({ length: 1_001 }, (_, n) => ({ value: `${n}` })) },
      [413, undefined],
    ],
  ])('refuse %s', (_, operation, error) => {
    expect(refused(() => patchGroup(night, patch(operation)))).toEqual(error);
  });

  it('take 1,000 members', () => {
    const value = Array.from({ length: 1_000 }, (_, n) => ({ value: `${n}` }));
    expect(after({ op: 'replace', path: 'members', value })).toHaveLength(1_000);
  });
});
