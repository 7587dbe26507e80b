"""Sentences on three topics, sixteen each, written for these tests."""

TOPICS = {
    "kitchen": """Chop the onions finely and fry them in butter.
The soup needs more salt and a little pepper.
Bake the bread in a hot oven for forty minutes.
She whisked the eggs with sugar until they were pale.
Let the dough rise under a cloth for an hour.
Boil the potatoes in their skins and mash them with cream.
A pinch of saffron turns the rice yellow.
Simmer the tomato sauce gently with basil and garlic.
He grilled the fish with lemon and fresh herbs.
The cake collapsed because the oven door was opened too early.
Roast the chicken with rosemary and carrots.
Stir the porridge so that it does not stick to the pan.
Marinate the beef overnight in red wine.
Sprinkle grated cheese over the pasta before serving.
The pancakes are ready when bubbles appear in the batter.
Melt the chocolate slowly over a bowl of warm water.""",
    "sky": """The telescope found a faint galaxy behind the cluster.
Jupiter has dozens of moons, and four of them are large.
A comet's tail always points away from the sun.
Neutron stars spin many times in a second.
The probe sent back pictures of the rings of Saturn.
Light from that star left it before Rome was founded.
During the eclipse the corona of the sun became visible.
Astronomers measured the mass of the black hole by the orbits of stars.
Meteors burn up high in the atmosphere.
The red planet has thin air and enormous volcanoes.
A supernova outshone its whole galaxy for some weeks.
The expansion of the universe stretches the light of distant quasars.
Venus is the brightest planet in the evening sky.
The satellite passed over the pole every ninety minutes.
Spectra tell which elements glow in a nebula.
Tides are caused by the gravity of the moon.""",
    "football": """The goalkeeper saved the penalty with his left hand.
Their striker scored twice in the second half.
The referee showed a red card for the late tackle.
After a corner kick the defender headed the ball over the bar.
The team won the league on the last day of the season.
Fans sang in the stadium long after the final whistle.
The coach replaced both wingers at half time.
A free kick from thirty metres hit the post.
The midfielder passed the ball through three opponents.
They lost the cup final in extra time.
The match was postponed because the pitch was frozen.
The captain injured his knee in training.
The club bought a young forward from a Spanish rival.
The linesman raised his flag for offside.
With ten players they defended a draw away from home.
The crowd booed when the substitute missed an open goal.""",
}
