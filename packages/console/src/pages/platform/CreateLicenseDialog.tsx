import { createLicense, metric as metrics, randomId } from '@estover/protocol';
import { NumberInput, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { type CatalogLicense, enforcements, proposeTag } from './catalog-words.ts';
import styles from './platform.module.css';

type OverageKind = CatalogLicense['overage']['kind'];

const thisMonth = (): string => new Date().toISOString().slice(0, 7);

/** Adds a license to the catalog; its tag is proposed from its name. */
export function CreateLicenseDialog({ onClose }: { onClose: () => void }) {
  const create = useAction(createLicense);
  const [id] = useState(() => randomId());
  const [name, setName] = useState('');
  const [version, setVersion] = useState('1.0');
  const [domain, setDomain] = useState('');
  const [written, setWritten] = useState<string | null>(null);
  const [family, setFamily] = useState('');
  const [description, setDescription] = useState('');
  const [enforcement, setEnforcement] = useState<CatalogLicense['enforcement']>('unenforced');
  const [metric, setMetric] = useState<CatalogLicense['metric']>('device');
  const [overage, setOverage] = useState<OverageKind>('none');
  const [allowance, setAllowance] = useState<number | string>(10);

  const tag = written ?? proposeTag({ domain, month: thisMonth(), name, version, id }) ?? '';
  const input = {
    body: {
      tag: tag.trim(),
      name: name.trim(),
      description: description.trim(),
      family: family.trim(),
      version: version.trim(),
      enforcement,
      metric,
      overage:
        overage === 'none'
          ? { kind: 'none' as const }
          : overage === 'quantity'
            ? { kind: 'quantity' as const, quantity: Number(allowance) }
            : { kind: 'percent' as const, percent: Number(allowance) },
    },
  };
  return (
    <FormDialog
      title="New license"
      size="lg"
      act={name.trim() === '' ? 'Add license' : `Add ${name.trim()}`}
      blocked={
        name.trim() === '' || version.trim() === ''
          ? 'Write the name and the version first.'
          : tag.trim() === ''
            ? 'Write your domain, so that a tag can be proposed, or the tag itself.'
            : overage !== 'none' && !(Number(allowance) >= 1)
              ? 'Say how much overage is allowed.'
              : null
      }
      acting={create.isPending}
      error={create.error}
      marked={['/name', '/version', '/tag', '/overage', '/family', '/description']}
      onClose={onClose}
      onAct={() =>
        create.mutate(input, {
          onSuccess: ({ license }) => {
            notifyDone(`${license.name} is in the catalog.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={createLicense} input={input} />}
    >
      <div className={styles.pair}>
        <TextInput
          label="Name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldProblem(create.error, '/name')}
          data-autofocus
        />
        <TextInput
          label="Version"
          maxLength={20}
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value)}
          error={fieldProblem(create.error, '/version')}
        />
      </div>
      <TextInput
        label="Your domain"
        description="The publisher’s, for the tag: vendor.example."
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value)}
      />
      <TextInput
        label="Entitlement tag"
        description="Proposed from the above; it never changes later, and product instances ask for it."
        maxLength={255}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
        value={tag}
        onChange={(event) => setWritten(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        error={fieldProblem(create.error, '/tag')}
      />
      <div className={styles.pair}>
        <Select
          label="Enforcement"
          allowDeselect={false}
          data={Object.entries(enforcements).map(([value, label]) => ({ value, label }))}
          value={enforcement}
          onChange={(next) => next !== null && setEnforcement(next as typeof enforcement)}
        />
        <Select
          label="Counts by"
          allowDeselect={false}
          data={metrics.options.map((value) => ({ value, label: value.replaceAll('-', ' ') }))}
          value={metric}
          onChange={(next) => next !== null && setMetric(next as typeof metric)}
        />
      </div>
      <div className={styles.pair}>
        <div>
          <span className={styles.label} id="overage-label">
            More in use than owned
          </span>
          <SegmentedControl
            fullWidth
            aria-labelledby="overage-label"
            value={overage}
            onChange={(next) => setOverage(next as OverageKind)}
            data={[
              { value: 'none', label: 'Not allowed' },
              { value: 'quantity', label: 'Units' },
              { value: 'percent', label: 'Percent' },
            ]}
          />
        </div>
        {overage !== 'none' && (
          <NumberInput
            label={overage === 'percent' ? 'Percent allowed' : 'Units allowed'}
            min={1}
            max={overage === 'percent' ? 100 : 1_000_000_000}
            allowDecimal={false}
            value={allowance}
            onChange={setAllowance}
            error={fieldProblem(create.error, '/overage')}
          />
        )}
      </div>
      <TextInput
        label="Family (optional)"
        maxLength={80}
        value={family}
        onChange={(event) => setFamily(event.currentTarget.value)}
        error={fieldProblem(create.error, '/family')}
      />
      <Textarea
        label="Description (optional)"
        maxLength={1000}
        autosize
        minRows={2}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value.replaceAll(/[\r\n]+/g, ' '))}
        error={fieldProblem(create.error, '/description')}
      />
    </FormDialog>
  );
}
