/** What was computed of a person: tags by directory, and the segments they are in. */
import { useTranslation } from "react-i18next";
import type { Person, PersonTag } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { useFormats } from "../../ui";
import { Pair, Section } from "./Section";

function byDirectory(tags: PersonTag[]): Map<string, PersonTag[]> {
  const directories = new Map<string, PersonTag[]>();
  for (const tag of tags) directories.set(tag.directory, [...(directories.get(tag.directory) ?? []), tag]);
  return directories;
}

export function TagsPanel({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const directories = byDirectory(person.tags);
  return (
    <>
      <Section title={t("people.tags")}>
        {person.tags.length === 0 && <p className="help">{t("people.no_tags")}</p>}
        {[...directories].map(([directory, tags]) => (
          <div key={directory} className="about-group">
            {directory !== "" && <h3>{directory.split("/").join(" / ")}</h3>}
            <dl className="pairs">
              {tags.map((tag) => <Pair key={tag.id} name={tag.name}><Link to={paths.tag(tag.id)}>{names.tagValue(tag.value)}</Link></Pair>)}
            </dl>
          </div>
        ))}
      </Section>
      {person.segments.length > 0 && (
        <Section title={t("people.segments")}>
          <ul className="person-segments">
            {person.segments.map((segment) => (
              <li key={segment.id}>
                <Link className="label tone-brand" to={paths.segment(segment.id)}>{segment.name}</Link>
                {segment.since && <span className="small muted">{t(segment.not_before ? "segments.member_since" : "segments.member_before", { day: format.date(segment.since) })}</span>}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
