import { defaultDeadlineDays } from '@estover/domain/agreements';
import { type AnswerOf, type listAgreementVersions, publishAgreement } from '@estover/protocol';
import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction, useDryRun } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';

type Version = AnswerOf<typeof listAgreementVersions>['versions'][number];

/** A new version of a text, or the first one of a new text, with what it means before it is published. */
export function PublishDialog({ versions, onClose }: { versions: readonly Version[]; onClose: () => void }) {
  const [first] = versions;
  const [agreement, setAgreement] = useState(first?.agreement ?? 'terms');
  const [title, setTitle] = useState(first?.title ?? '');
  const [language, setLanguage] = useState(first?.language ?? '');
  const [text, setText] = useState(first?.text ?? '');
  const [days, setDays] = useState<number | string>(defaultDeadlineDays);
  const publish = useAction(publishAgreement);
  const isWhole = agreement !== '' && title.trim() !== '' && text.trim() !== '' && days !== '';
  const input = {
    body: {
      agreement,
      title: title.trim(),
      text: text.trim(),
      deadlineDays: Number(days),
      ...(language === '' ? {} : { language }),
    },
  };
  const preview = useDryRun(publishAgreement, isWhole ? input : null);
  const told =
    preview.data === undefined
      ? null
      : `Version ${preview.data.version.version}: ${count(preview.data.accounts, 'active account')} will be asked to accept it within ${count(preview.data.version.deadlineDays, 'day')}.`;
  const number = preview.data?.version.version;
  return (
    <FormDialog
      title="Publish a version"
      size="lg"
      act={number === undefined ? 'Publish' : `Publish version ${number}`}
      blocked={isWhole ? null : 'Fill in the name, the title, the text and the deadline.'}
      acting={publish.isPending}
      error={publish.error ?? preview.error}
      marked={['/agreement', '/title', '/language', '/text', '/deadlineDays']}
      onClose={onClose}
      onAct={() =>
        publish.mutate(input, {
          onSuccess: ({ version, accounts }) => {
            notifyDone(
              `${version.title}, version ${version.version}, is published; ${count(accounts, 'account')} hear of it.`,
            );
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={publishAgreement} input={input} />}
    >
      <p>What is published is never changed or taken back. A newer version takes its place.</p>
      <TextInput
        label="Which text"
        description="A short name such as terms; a new name is a new text to accept."
        value={agreement}
        onChange={(event) => setAgreement(event.currentTarget.value)}
        error={fieldProblem(publish.error ?? preview.error, '/agreement')}
      />
      <TextInput
        label="Title"
        value={title}
        maxLength={120}
        onChange={(event) => setTitle(event.currentTarget.value)}
        error={fieldProblem(publish.error ?? preview.error, '/title')}
      />
      <TextInput
        label="Language"
        description="A tag such as en or de-CH; it may be left out."
        value={language}
        onChange={(event) => setLanguage(event.currentTarget.value)}
        error={fieldProblem(publish.error ?? preview.error, '/language')}
      />
      <Textarea
        label="Text"
        description="Plain text. Paragraphs are kept as they are."
        autosize
        minRows={6}
        maxRows={14}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={fieldProblem(publish.error ?? preview.error, '/text')}
      />
      <NumberInput
        label="Days to accept it"
        min={1}
        max={365}
        value={days}
        onChange={setDays}
        error={fieldProblem(publish.error ?? preview.error, '/deadlineDays')}
      />
      <p role="status">{told}</p>
    </FormDialog>
  );
}
