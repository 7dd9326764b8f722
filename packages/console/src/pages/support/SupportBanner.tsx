import { endSupportAccess } from '@estover/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { formatInstant } from '../../format.ts';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import styles from './support.module.css';

/** Stands above every page of an account that somebody of support has open: that they are not at home here. */
export function SupportBanner() {
  const { name, support } = useAccount();
  const end = useAction(endSupportAccess);
  const navigate = useNavigate();
  if (support === null) return null;
  const { accessId, mode, caseNumber, reason, endsAt } = support;
  return (
    <section className={styles.banner} aria-label="Support access">
      <p>
        <b>You are in {name} as support of the publisher</b> to {mode === 'read' ? 'look around' : 'act'}, for
        case {caseNumber}: {reason}. The customer sees what you look at and do, until {formatInstant(endsAt)}.
      </p>
      <ReasonedButton
        loading={end.isPending}
        onClick={() =>
          end.mutate(
            { params: { accessId } },
            {
              onSuccess: () => {
                notifyDone(`Your support access to ${name} ended.`);
                void navigate({ to: paths.platformSupport().to });
              },
              onError: notifyProblem,
            },
          )
        }
      >
        End it
      </ReasonedButton>
    </section>
  );
}
