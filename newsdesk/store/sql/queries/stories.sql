-- name: lock_linking
-- One linking at a time: of two articles on one event, the second sees the first one's story.
SELECT pg_advisory_xact_lock($1)

-- name: find_linking_run
SELECT article_id, revision FROM runs WHERE number = $1

-- name: list_memberships
SELECT m.story_id, s.title, m.relation, m.similarity, m.why
FROM memberships m
JOIN stories s USING (story_id)
WHERE m.run_number = $1
ORDER BY m.position

-- name: list_candidates
-- Signatures of other articles within the window, by story, the stories with the newest article
-- first. Members alone stand for a story: with what is merely related it would drift. An article
-- with two runs under way counts once, by the later one. Signatures are fetched last: sorting
-- them along with the rest took half as long again.
WITH standing AS (
    SELECT DISTINCT ON (m.story_id, m.article_id)
           m.story_id, m.run_number, m.article_id, m.published_at
    FROM memberships m
    JOIN articles a USING (article_id)
    WHERE m.state <> 'withdrawn'
      AND m.relation = 'member'
      AND m.article_id <> $1
      AND m.published_at BETWEEN $2 AND $3
      AND m.revision > a.removed_revision
    ORDER BY m.story_id, m.article_id, m.revision DESC, m.run_number DESC
), chosen AS (
    SELECT story_id, max(published_at) AS newest
    FROM standing
    GROUP BY story_id
    ORDER BY newest DESC, story_id DESC
    LIMIT $4
)
SELECT story_id, s.title, m.signature
FROM chosen
JOIN stories s USING (story_id)
JOIN standing USING (story_id)
JOIN memberships m USING (story_id, run_number)
ORDER BY chosen.newest DESC, story_id DESC, standing.published_at, standing.article_id

-- name: find_lone_story
-- The latest story that this article founded and that no other article belongs to.
SELECT s.story_id
FROM stories s
JOIN runs founder ON founder.number = s.founded_by_run
WHERE founder.article_id = $1
  AND NOT EXISTS (
      SELECT 1
      FROM memberships m
      WHERE m.story_id = s.story_id AND m.article_id <> $1 AND m.state <> 'withdrawn'
  )
ORDER BY s.story_id DESC
LIMIT 1

-- name: found_story
INSERT INTO stories (title, founded_by_run) VALUES ($1, $2) RETURNING story_id

-- name: insert_membership
INSERT INTO memberships (
    story_id, run_number, article_id, revision, title, position, relation, similarity, why,
    signature, published_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
