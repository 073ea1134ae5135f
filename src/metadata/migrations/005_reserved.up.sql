-- The number of a change that is made elsewhere at the same time; it takes this file's place.
SELECT 1;
