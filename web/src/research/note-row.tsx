/** What was told between two steps, in its place: a message, a question with its answer, a proposal, a stop. */

import { Button } from "@mantine/core";
import {
  IconArrowBackUp,
  IconClock,
  IconFileText,
  IconGitFork,
  IconPlayerPause,
  IconPlayerStop,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { Time } from "../ui/amount";
import { LinkButton } from "../ui/link-button";
import { StatePill } from "../ui/state-pill";
import styles from "./notes.module.css";
import { stateWords, versionQuery } from "./run-data";
import type { Note, Proposal } from "./session-notes";
import type { RunState } from "./session-state";

type NoteRowProps = {
  session: string;
  note: Note;
  /** The form that answers it, where it is the question that waits. */
  answer: ReactNode;
  /** Missing for who only watches. */
  onEdit: ((position: number, text: string) => void) | undefined;
  onReport: () => void;
};

export function NoteRow({ session, note, answer, onEdit, onReport }: NoteRowProps) {
  const { what, ts } = note;
  switch (what.kind) {
    case "message": {
      const { position } = what;
      const edit = position !== undefined && onEdit && !note.stale ? () => onEdit(position, what.text) : undefined;
      return <Message role={what.role} text={what.text} note={note} onEdit={edit} />;
    }
    case "question":
      return <QuestionCard note={note} text={what.text} answer={answer} />;
    case "proposal":
      return <ProposalCard session={session} note={note} proposal={what.proposal} />;
    case "report":
      return (
        <Marker icon={IconFileText} ts={ts} text={reportWords(what.unverified)}>
          <Button variant="light" size="compact-sm" onClick={onReport}>
            {t("Open the report")}
          </Button>
        </Marker>
      );
    case "state": {
      const words = stateWords(what.state as RunState).text;
      const icon = what.state === "paused" ? IconPlayerPause : IconPlayerStop;
      return <Marker icon={icon} ts={ts} text={what.text ? `${words}. ${what.text}` : words} />;
    }
    case "rerun":
      return <Marker icon={IconArrowBackUp} ts={ts} text={rerunWords(what.branch.fromStep, what.branch.toStep)} />;
    case "scheduled":
      return <Marker icon={IconClock} ts={ts} text={scheduleWords(what.missed)} />;
    case "forked":
      return (
        <Marker icon={IconGitFork} ts={ts} text={forkWords(what.step)}>
          <Link to="/research/$session" params={{ session: what.session }}>
            {t("The session it comes from")}
          </Link>
        </Marker>
      );
  }
}

type MessageProps = { role: string; text: string; note: Note; onEdit: (() => void) | undefined };

function Message({ role, text, note, onEdit }: MessageProps) {
  const who = role === "user" ? t("You") : role === "omc" ? t("OMC") : t("Model");
  return (
    <div className={styles.note} data-role={role}>
      <Head who={who} note={note}>
        {onEdit ? (
          <Button variant="subtle" size="compact-xs" onClick={onEdit}>
            {t("Edit and rerun")}
          </Button>
        ) : null}
      </Head>
      <p className={styles.text}>{text}</p>
    </div>
  );
}

function QuestionCard({ note, text, answer }: { note: Note; text: string; answer: ReactNode }) {
  return (
    <div className={`${styles.note} ${styles.card}`} data-open={answer ? true : undefined}>
      <Head who={answer ? t("The model asks you") : t("The model asked")} note={note} />
      <p className={styles.text}>{text}</p>
      {answer}
    </div>
  );
}

function ProposalCard({ session, note, proposal }: { session: string; note: Note; proposal: Proposal }) {
  const { data: version } = useQuery(versionQuery(proposal.version_id));
  const open = version?.status === "draft" && !note.stale;
  return (
    <div className={`${styles.note} ${styles.card}`} data-open={open || undefined}>
      <Head who={open ? t("Laid before you to approve") : t("Was laid before you")} note={note}>
        {version && version.status !== "draft" ? <StatePill tone="quiet">{version.status}</StatePill> : null}
      </Head>
      <p className={styles.text}>
        {version
          ? t("Trade “{name}”, version {number}, with paper money.", { name: version.name, number: version.number })
          : t("Trade a strategy with paper money.")}
        {proposal.recommended === false ? ` ${t("The evidence does not speak for it.")}` : ""}
      </p>
      <div className={styles.buttons}>
        <LinkButton
          variant={open ? "light" : "default"}
          size="compact-sm"
          to="/approvals/$version"
          params={{ version: proposal.version_id }}
          search={{ session }}
        >
          {open ? t("Look at it and decide") : t("Look at it")}
        </LinkButton>
      </div>
    </div>
  );
}

function Head({ who, note, children }: { who: string; note: Note; children?: ReactNode }) {
  return (
    <p className={styles.head}>
      <span className={styles.who}>{who}</span>
      <Time value={note.ts} />
      {note.stale ? <StatePill tone="quiet">{t("Stale")}</StatePill> : null}
      <span className={styles.end}>{children}</span>
    </p>
  );
}

type MarkerProps = { icon: TablerIcon; ts: string; text: string; children?: ReactNode };

function Marker({ icon: Icon, ts, text, children }: MarkerProps) {
  return (
    <div className={styles.marker}>
      <Icon size={16} aria-hidden="true" />
      <span className={styles.markerText}>{text}</span>
      {children}
      <Time value={ts} />
    </div>
  );
}

function reportWords(unverified: number): string {
  if (unverified === 0) return t("The report is written.");
  return plural(
    unverified,
    "The report is written; {count} number in it is backed by no evidence.",
    "The report is written; {count} numbers in it are backed by no evidence.",
  );
}

function rerunWords(from: number, to: number): string {
  if (to < from || from === 0) return t("Something said before was changed; it goes on from here.");
  if (from === to) return t("Something was changed: step {from} is stale, and it goes on from here.", { from });
  return t("Something was changed: steps {from} to {to} are stale, and it goes on from here.", {
    from: formatNumber(from),
    to: formatNumber(to),
  });
}

function scheduleWords(missed: number): string {
  if (missed === 0) return t("Opened by its schedule.");
  return plural(
    missed,
    "Opened by its schedule; {count} time before it was missed while nothing ran.",
    "Opened by its schedule; {count} times before it were missed while nothing ran.",
  );
}

function forkWords(step: number | undefined): string {
  return step ? t("Forked behind step {step} of another session.", { step }) : t("Forked from another session.");
}
