import { expect, it } from 'vitest';
import { emptyDraft, inputOf } from './request-draft.ts';

const draft = { ...emptyDraft, companyName: ' Northwind ', name: 'Ana', email: 'ana@northwind.example' };

it('leaves out what the form does not show', () => {
  const filled = {
    ...draft,
    mailDomain: 'northwind.example',
    justification: 'x',
    approverEmail: 'x@y.example',
  };
  expect(inputOf(filled).body).toEqual({
    kind: 'customer',
    companyName: 'Northwind',
    mailDomain: 'northwind.example',
    // A mail domain below the company's own needs a reason as well, so it is asked for without a prefix, too.
    justification: 'x',
    requester: { name: 'Ana', email: 'ana@northwind.example' },
  });
  expect(inputOf({ ...filled, prefix: 'lab', hasAuthority: false }).body).toMatchObject({
    prefix: 'lab',
    justification: 'x',
    approverEmail: 'x@y.example',
  });
  expect(inputOf({ ...filled, prefix: 'lab', kind: 'limited-use' }).body).toEqual({
    kind: 'limited-use',
    companyName: 'Northwind',
    requester: { name: 'Ana', email: 'ana@northwind.example' },
  });
});
