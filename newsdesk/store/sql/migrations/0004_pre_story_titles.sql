-- What readers see a story called: as its first article is, whichever was processed first. Where
-- no member is visible, as it was called when it was founded.
CREATE FUNCTION story_title(bigint) RETURNS text
LANGUAGE sql STABLE
RETURN COALESCE(
    (SELECT title
     FROM memberships
     WHERE story_id = $1 AND state = 'visible' AND relation = 'member'
     ORDER BY published_at, article_id
     LIMIT 1),
    (SELECT title FROM stories WHERE story_id = $1)
);
